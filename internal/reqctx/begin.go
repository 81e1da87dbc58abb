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
	outer := From(r.Context())
	if outer != nil && outer.Request.Writer != nil {
		return w, r, outer.Request
	}
	st := &started{}
	st.writer.inner = w
	st.shared.HTTP = r
	st.shared.Writer = &st.writer
	st.shared.inner = &st.inner
	st.scope.Context = r.Context()
	st.scope.Request = &st.shared
	if outer != nil { // a server whose BaseContext has one
		st.scope.user, st.scope.attrs, st.scope.level = outer.user, outer.attrs, outer.level
	}
	st.scope.findOTel()
	// WithContext is inlined, so the copy stays on the stack until it is kept here.
	st.inner = *r.WithContext(&st.scope)
	return st.writer.shaped(), &st.inner, &st.shared
}
