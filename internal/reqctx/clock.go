package reqctx

import "time"

// began is what Clock counts from: a little earlier than any request.
var began = time.Now().Add(-time.Second)

// Clock is the monotonic time since the process began. It is for differences
// only, and costs half of time.Now.
func Clock() time.Duration { return time.Since(began) }
