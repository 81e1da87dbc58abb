package logging_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/distri-night/monitoring/logging"
)

func ExampleLogger_Named() {
	log, err := logging.New(logging.Config{Output: io.Discard})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer log.Close(context.Background())
	pool, api := log.Named("db").Named("pool"), log.Named("api")
	err = log.OverrideLevel(logging.LevelOverride{
		Logger: "db", Level: slog.LevelDebug, Until: time.Now().Add(10 * time.Minute), By: "ada",
	})
	if err != nil {
		fmt.Println(err)
	}
	pool.Debug("connection opened")
	api.Debug("not seen")
	for _, rec := range log.Recent("") {
		fmt.Println(rec.Message, rec.Attrs["logger"], rec.Attrs["of"], rec.Attrs["to"])
	}
	// Output:
	// log level set <nil> db debug
	// connection opened db.pool <nil> <nil>
}
