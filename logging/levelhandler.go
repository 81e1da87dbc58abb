package logging

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/internal/problem"
	"github.com/distri-night/monitoring/internal/reqctx"
)

const (
	maxLevelBody = 1 << 10
	maxBy        = 200 // bytes of who set a level
)

// LevelHandler shows the levels by GET and sets one by PUT. Both answer
//
//	{"level":"debug","base":"info",
//	 "overrides":[{"logger":"","level":"debug","at":"...","until":"...","by":"ada"}],
//	 "loggers":{"db":"debug","db.pool":"debug"}}
//
// where base is the configured level, level the one in force without a name,
// and loggers what holds for each name in use. PUT takes
//
//	{"level":"debug","logger":"db","for":"10m"}
//
// with no logger for all, and for (a Go duration) or until (RFC 3339) where it
// is to end by itself. The level "default" takes an override away. A body that
// is wrong is answered by a problem that names the field. Who set it is the
// user of the request's context, as the dashboards set it. It guards nothing:
// mount it where only operators get to.
func (l *Logger) LevelHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l == nil || l.core == nil {
			problem.Write(w, http.StatusServiceUnavailable, ErrNotInitialized.Error())
			return
		}
		switch r.Method {
		case http.MethodGet, http.MethodHead:
		case http.MethodPut:
			if err := l.putLevel(r); err != nil {
				problem.Write(w, http.StatusBadRequest, err.Error())
				return
			}
		default:
			w.Header().Set("Allow", "GET, HEAD, PUT")
			problem.Write(w, http.StatusMethodNotAllowed, "want GET or PUT")
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(l.levels()) // a client that left needs no answer
	})
}

// levelsShown is the answer of LevelHandler.
type levelsShown struct {
	Level     string            `json:"level"`
	Base      string            `json:"base"`
	Overrides []overrideShown   `json:"overrides"`
	Loggers   map[string]string `json:"loggers"`
}

type overrideShown struct {
	Logger string     `json:"logger"`
	Level  string     `json:"level"`
	At     time.Time  `json:"at"`
	Until  *time.Time `json:"until,omitempty"`
	By     string     `json:"by,omitempty"`
}

func (l *Logger) levels() levelsShown {
	shown := levelsShown{Overrides: []overrideShown{}, Loggers: map[string]string{}}
	k := &l.core.level
	shown.Level, shown.Base = FormatLevel(k.Level()), FormatLevel((&gate{}).level(k.base))
	for _, o := range k.overrides() {
		one := overrideShown{Logger: o.Logger, Level: FormatLevel(o.Level), At: o.At, By: o.By}
		if !o.Until.IsZero() {
			one.Until = &o.Until
		}
		shown.Overrides = append(shown.Overrides, one)
	}
	for name, level := range k.names() {
		shown.Loggers[name] = FormatLevel(level)
	}
	return shown
}

// putLevel does what the body says. Its error is fit for whoever asked.
func (l *Logger) putLevel(r *http.Request) error {
	var in struct {
		Level  string `json:"level"`
		Logger string `json:"logger"`
		For    string `json:"for"`
		Until  string `json:"until"`
	}
	body := json.NewDecoder(io.LimitReader(r.Body, maxLevelBody))
	body.DisallowUnknownFields()
	if err := body.Decode(&in); err != nil {
		return bodyFault(err)
	}
	if _, err := body.Token(); !errors.Is(err, io.EOF) {
		return errors.New("body: want one JSON object and nothing after it")
	}
	o := LevelOverride{Logger: in.Logger, By: who(r)}
	switch {
	case in.For != "" && in.Until != "":
		return errors.New("until: want it or for, not both")
	case in.For != "":
		d, err := time.ParseDuration(in.For)
		if err != nil || d <= 0 {
			return errors.New(`for: want a duration such as "10m"`)
		}
		o.Until = time.Now().Add(d)
	case in.Until != "":
		at, err := time.Parse(time.RFC3339, in.Until)
		if err != nil {
			return errors.New(`until: want a time such as "2026-01-02T15:04:05Z"`)
		}
		o.Until = at
	}
	if strings.EqualFold(in.Level, "default") {
		if !o.Until.IsZero() {
			return errors.New(`for: want none with the level "default"`)
		}
		if l.ResetLevel(in.Logger) {
			l.core.say("log level reset", LevelOverride{Logger: in.Logger, Level: l.core.level.Level(), By: o.By})
		}
		return nil
	}
	level, err := ParseLevel(in.Level)
	if err != nil {
		return errors.New("level: want debug, info, warn, error, critical or default")
	}
	o.Level = level
	var fault *config.FieldError
	if err := l.OverrideLevel(o); errors.As(err, &fault) {
		return fmt.Errorf("%s: want %s", strings.ToLower(fault.Field), fault.Want)
	} else if err != nil {
		return err
	}
	return nil
}

// bodyFault names what is wrong with a body that is not of the form.
func bodyFault(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) && kind.Field != "" {
		return fmt.Errorf("%s: want a string", kind.Field)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return fmt.Errorf("%s: want level, logger, for or until", strings.Trim(name, `"`))
	}
	return errors.New(`body: want {"level":"debug","logger":"db","for":"10m"}`)
}

// who is the user of the request, in a form that may be shown.
func who(r *http.Request) string {
	name := strings.Map(func(c rune) rune {
		if hidden(c) {
			return -1
		}
		return c
	}, strings.ToValidUTF8(reqctx.From(r.Context()).User().ID, ""))
	if len(name) > maxBy {
		name = strings.ToValidUTF8(name[:maxBy], "")
	}
	return name
}
