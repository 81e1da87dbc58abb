// Package reqctx is the one request scope that all instruments share.
//
// The first of our middlewares makes a [Request]; every other one, and every
// call that has the request's context, finds the same. So what an inner
// handler sets (user, route, breadcrumbs) is seen by the outer middlewares,
// also after another's middleware copied the *http.Request.
//
// A [Scope] is what one context carries: the shared Request, plus what was
// bound to this context alone (a user, log attributes, a level). It is itself
// the context, so that deriving costs one allocation and finding costs one
// look-up by one key.
//
// IDs, user and route stay readable after the request has ended: nothing here
// is pooled, because a goroutine that outlives its request may still hold it.
package reqctx
