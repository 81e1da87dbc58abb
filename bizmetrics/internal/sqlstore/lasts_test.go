package sqlstore

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestLastsAreReadAsTheyWereWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l lasts
		want := map[place]int64{}
		for range rapid.IntRange(0, 6).Draw(t, "places") {
			p := place{rapid.StringN(0, 2, 4).Draw(t, "scope"), rapid.StringN(0, 2, 4).Draw(t, "topic")}
			at := rapid.SampledFrom([]int64{None, -1, 0, 1, 20_000}).Draw(t, "at")
			l.set(p, at)
			want[p] = at
		}
		read, err := decodeLasts(l.encode())
		require.NoError(t, err)
		for p, at := range want {
			require.Equal(t, at, read.at(p))
		}
	})
}

func FuzzLasts(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(lasts{{place{"tenant", "f:search"}, 20_000}, {place{}, None}}.encode())
	f.Add([]byte{2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := decodeLasts(data)
		if err == nil {
			again, err := decodeLasts(l.encode())
			require.NoError(t, err)
			require.Equal(t, l, again)
		}
	})
}
