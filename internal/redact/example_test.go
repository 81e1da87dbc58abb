package redact_test

import (
	"fmt"

	"github.com/distri-night/monitoring/internal/redact"
)

func Example() {
	r := redact.New([]string{"user.email"})
	fmt.Println(r.Text("dial postgres://app:hunter2@db/shop for ada@example.com"))
	fmt.Println(r.Value("user", map[string]any{"email": "ada@example.com", "password": "hunter2"}))
	// Output:
	// dial postgres://[redacted]@db/shop for [redacted]
	// map[email:ada@example.com password:[redacted]]
}
