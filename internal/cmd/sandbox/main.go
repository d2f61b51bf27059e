// Command sandbox serves the fake Portal API of package portaltest as a process, for a client in any
// language.
//
//	go run ./internal/cmd/sandbox -listen 127.0.0.1:8080
//
// It prints "listening on http://127.0.0.1:8080/api/v3" to standard output once it accepts connections, and
// one log line for each request to standard error. SIGINT or SIGTERM ends it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	code := 2 // an argument is not valid
	s, err := parse(os.Args[1:], os.Stdout, logger)
	if err == nil {
		code = 1
		err = serve(ctx, s, os.Stdout, logger)
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "sandbox: %v\n", err)
		os.Exit(code)
	}
}

// serve serves until ctx ends.
func serve(ctx context.Context, s settings, stdout io.Writer, logger *slog.Logger) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: s.guard.protect(s.handler, logger),
		// A fault may hold a request for as long as its client stays, or until ctx ends.
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if _, err := fmt.Fprintf(stdout, "listening on http://%s/api/v3\n", listener.Addr()); err != nil {
		return err
	}
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	logger.Info("stopped")
	return nil
}
