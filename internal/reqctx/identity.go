package reqctx

// Identity is what a log record says of its scope.
type Identity struct {
	CorrelationID, UserID, Route string
	Trace                        Trace
}

// Identify fills id with CorrelationID, User().ID, Route and Trace, under one
// lock.
func (s *Scope) Identify(id *Identity) {
	if s == nil {
		*id = Identity{}
		return
	}
	r := s.Request
	r.mu.Lock()
	id.CorrelationID, id.Route, id.Trace = r.correlationID, r.route, r.trace
	if id.Route == "" && r.inner != nil {
		id.Route = r.inner.Pattern
	}
	id.UserID = ""
	if r.rare != nil {
		id.UserID = r.rare.user.ID
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
}
