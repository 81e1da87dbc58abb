package reqctx

// Identity is what a log record says of its scope.
type Identity struct {
	CorrelationID, UserID, Route string
	Trace                        Trace
}

// Identity is CorrelationID, User().ID, Route and Trace, under one lock.
func (s *Scope) Identity() Identity {
	if s == nil {
		return Identity{}
	}
	r := s.Request
	r.mu.Lock()
	id := Identity{CorrelationID: r.correlationID, Route: r.route, Trace: r.trace}
	if id.Route == "" && r.inner != nil {
		id.Route = r.inner.Pattern
	}
	if r.user != nil {
		id.UserID = r.user.ID
	}
	r.mu.Unlock()
	id.Route = PatternRoute(id.Route)
	if s.correlationID != "" {
		id.CorrelationID = s.correlationID
	}
	if s.user != nil {
		id.UserID = s.user.ID
	}
	if s.span != nil {
		id.Trace.SpanID = s.span.span.ID
	}
	return id
}
