package reqctx

import "net/http"

// started holds all that one request needs, in one allocation.
type started struct {
	scope  Scope
	shared Request
	inner  http.Request
	writer Writer
}

// Begin gives an HTTP request its scope. The outermost of our middlewares
// makes it, with a wrapped writer and a copy of the request that carries the
// context; an inner one gets the shared Request, and w and r back as they are.
func Begin(w http.ResponseWriter, r *http.Request) (http.ResponseWriter, *http.Request, *Request) {
	if s := From(r.Context()); s != nil && s.Request.Writer != nil {
		return w, r, s.Request
	}
	st := &started{}
	st.writer.inner = w
	st.shared.HTTP = r
	st.shared.Writer = &st.writer
	st.shared.inner = &st.inner
	st.scope.Context = r.Context()
	st.scope.Request = &st.shared
	if outer := From(r.Context()); outer != nil { // a server whose BaseContext has one
		st.scope.user, st.scope.attrs, st.scope.level = outer.user, outer.attrs, outer.level
	}
	// WithContext is inlined, so the copy stays on the stack until it is kept here.
	st.inner = *r.WithContext(&st.scope)
	return st.writer.shaped(), &st.inner, &st.shared
}
