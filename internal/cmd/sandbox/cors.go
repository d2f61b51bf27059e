package main

import (
	"log/slog"
	"net/http"
)

// allowBrowsers lets a page of any origin call the sandbox: it answers preflight requests, which carry no
// credentials, and marks every other answer. There is nothing to protect: no cookie is used, and any token
// does.
func allowBrowsers(next http.Handler, logger *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Access-Control-Allow-Origin", "*")
		header.Set("Access-Control-Expose-Headers", "*")
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		header.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
		header.Set("Access-Control-Max-Age", "600")
		if names := r.Header.Get("Access-Control-Request-Headers"); names != "" {
			header.Set("Access-Control-Allow-Headers", names) // "*" would not cover Authorization
		}
		if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
			header.Set("Access-Control-Allow-Private-Network", "true")
		}
		w.WriteHeader(http.StatusNoContent)
		logger.Info("preflight", "method", http.MethodOptions, "status", http.StatusNoContent)
	})
}
