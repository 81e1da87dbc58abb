// Package routers shows how other routers than http.ServeMux tell the library
// their route: by one middleware of a few lines each. A request that no route
// matched has none, and counts as the empty route, never as its raw path.
package routers

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/labstack/echo/v4"

	"github.com/distri-night/monitoring/perfmon"
)

// Chi is for chi's Router.Use. chi knows the whole pattern only at the end,
// when all sub-routers have matched.
func Chi(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { perfmon.SetRoute(r.Context(), chi.RouteContext(r.Context()).RoutePattern()) }()
		next.ServeHTTP(w, r)
	})
}

// Gin is for gin's Engine.Use.
func Gin(c *gin.Context) { perfmon.SetRoute(c.Request.Context(), c.FullPath()) }

// Echo is for Echo.Use.
func Echo(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		perfmon.SetRoute(c.Request().Context(), c.Path())
		return next(c)
	}
}
