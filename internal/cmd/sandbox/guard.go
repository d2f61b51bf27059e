package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A guard lets browsers in that run a page of this machine, and keeps out those that a page from elsewhere
// drives: by its origin, or by a name that it made this machine's own (DNS rebinding).
type guard struct {
	anyHost bool
	hosts   []string // beside the names of loopback
	origins []string // beside those of loopback; * is all
}

// protect puts the guard before a handler.
func (g *guard) protect(next http.Handler, logger *slog.Logger) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		header, origin := w.Header(), r.Header.Get("Origin")
		refused := ""
		switch {
		case !g.knowsHost(r.Host):
			refused = "this Host is not one of the sandbox; -allow-host adds one"
		case origin != "" && !g.knowsOrigin(origin):
			refused = "pages of this Origin may not call the sandbox; -allow-origin adds one"
		case origin != "":
			header.Set("Access-Control-Allow-Origin", origin)
			header.Set("Access-Control-Expose-Headers", "*")
			header.Set("Vary", "Origin")
		}
		switch {
		case refused != "":
			logger.Warn("refused", "status", http.StatusForbidden, "reason", refused)
			header.Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, `{"error":%q}`, refused)
		case origin != "" && r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "":
			header.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
			header.Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers")) // "*" would not cover Authorization
			header.Set("Access-Control-Allow-Private-Network", "true")
			header.Set("Access-Control-Max-Age", "600")
			w.WriteHeader(http.StatusNoContent)
			logger.Info("preflight", "method", http.MethodOptions, "status", http.StatusNoContent)
		default:
			next.ServeHTTP(w, r)
		}
	}
}

func (g *guard) knowsHost(hostport string) bool {
	host := (&url.URL{Host: hostport}).Hostname()
	return g.anyHost || isLoopback(host) || slices.ContainsFunc(g.hosts, func(name string) bool { return strings.EqualFold(name, host) })
}

func (g *guard) knowsOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return slices.Contains(g.origins, "*") || slices.Contains(g.origins, origin) || err == nil && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
