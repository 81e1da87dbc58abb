package sentrytest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Envelope is what one request held.
type Envelope struct {
	Path    string
	Request http.Header
	Raw     []byte // as it came, perhaps compressed
	Header  map[string]any
	Items   []Item
}

// Item is one part of an envelope.
type Item struct {
	Type    string
	Payload []byte
}

// Parse takes an envelope apart, strictly. What it refuses Sentry would refuse
// too, or take apart differently.
func Parse(raw []byte, encoding string) (Envelope, error) {
	e := Envelope{Raw: raw}
	body, err := decompress(raw, encoding)
	if err != nil {
		return e, fmt.Errorf("parse envelope: %w", err)
	}
	r := bufio.NewReader(bytes.NewReader(body))
	if err := line(r, &e.Header); err != nil {
		return e, fmt.Errorf("parse envelope header: %w", err)
	}
	for {
		if _, err := r.Peek(1); err != nil {
			return e, nil
		}
		item, err := parseItem(r, len(body))
		if err != nil {
			return e, fmt.Errorf("parse item %d: %w", len(e.Items), err)
		}
		e.Items = append(e.Items, item)
	}
}

func decompress(raw []byte, encoding string) ([]byte, error) {
	if encoding != "gzip" {
		return raw, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// parseItem reads one with its length, or up to the end of the line.
func parseItem(r *bufio.Reader, most int) (Item, error) {
	var h struct {
		Type   string `json:"type"`
		Length *int   `json:"length"`
	}
	if err := line(r, &h); err != nil {
		return Item{}, err
	}
	item := Item{Type: h.Type}
	switch {
	case h.Type == "":
		return item, errors.New("no type")
	case h.Length == nil:
		item.Payload, _ = r.ReadBytes('\n')
		item.Payload = bytes.TrimSuffix(item.Payload, []byte("\n"))
		return item, nil
	case *h.Length < 0 || *h.Length > most:
		return item, fmt.Errorf("length %d", *h.Length)
	}
	item.Payload = make([]byte, *h.Length)
	if _, err := io.ReadFull(r, item.Payload); err != nil {
		return item, err
	}
	if c, err := r.ReadByte(); err == nil && c != '\n' {
		return item, fmt.Errorf("no end of line after %d bytes", *h.Length)
	}
	return item, nil
}

// line reads a header: one JSON object on a line, without a key twice.
func line(r *bufio.Reader, into any) error {
	b, err := r.ReadBytes('\n')
	if err != nil && len(b) == 0 {
		return err
	}
	b = bytes.TrimSuffix(b, []byte("\n"))
	if len(b) == 0 || b[0] != '{' || b[len(b)-1] != '}' {
		return fmt.Errorf("%q is no object on a line", b[:min(len(b), 80)])
	}
	if err := unique(json.NewDecoder(bytes.NewReader(b))); err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

// unique refuses an object that names a key twice.
func unique(d *json.Decoder) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	if t == json.Delim('[') {
		for d.More() {
			if err := unique(d); err != nil {
				return err
			}
		}
		_, err := d.Token()
		return err
	}
	if t != json.Delim('{') {
		return nil
	}
	seen := map[any]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("key %q twice", key)
		}
		seen[key] = true
		if err := unique(d); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
