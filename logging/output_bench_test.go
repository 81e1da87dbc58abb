package logging

import (
	"context"
	"io"
	"testing"
)

type unknownWriter struct{ io.Writer }

func BenchmarkAWriterThatMayLog(b *testing.B) {
	for name, w := range map[string]io.Writer{"known": io.Discard, "unknown": unknownWriter{io.Discard}} {
		b.Run(name, func(b *testing.B) {
			l, _ := open(b, Config{Output: w, Recent: -1})
			b.ReportAllocs()
			for b.Loop() {
				fiveAttrs(context.Background(), l.Logger)
			}
		})
	}
}
