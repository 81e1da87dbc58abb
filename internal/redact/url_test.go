package redact_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/distri-night/monitoring/internal/redact"
)

func TestURLsAreReadAsTheyMean(t *testing.T) {
	const m = redact.Mask
	for _, tc := range []struct{ in, want string }{
		{"https://h.example/a?note=password%20%3D%20%22hunter2%22&page=2", "https://h.example/a?note=" + m + "&page=2"},
		{"https://h.example/a?note=pwd%3A+hunter2", "https://h.example/a?note=" + m},
		{"https://h.example/mail/ada%40example.com/x", "https://h.example/mail/" + m + "/x"},
		{"https://h.example/a/token%3Dabc%2Fdef", "https://h.example/a/token%3D" + m},
		{"https://h.example/a/it%27s%20fine?q=a+b%2Fc#top%20x", "https://h.example/a/it%27s%20fine?q=a+b%2Fc#top%20x"},
		{"https://h.example/#pin%20%3D%201234", "https://h.example/#" + m},
	} {
		got := (*redact.Redactor)(nil).URL(tc.in)
		assert.Equal(t, tc.want, got)
		assert.Equal(t, got, (*redact.Redactor)(nil).URL(got))
	}
}
