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
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run serves until ctx ends and returns the exit code: 2 when an argument is not valid.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	code := 2
	settings, err := parse(args, stdout)
	if err == nil {
		code = 1
		err = serve(ctx, settings, stdout, stderr)
	}
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	_, _ = fmt.Fprintf(stderr, "sandbox: %v\n", err)
	return code
}

func serve(ctx context.Context, s settings, stdout, stderr io.Writer) (err error) {
	logger := slog.New(slog.NewTextHandler(stderr, nil))
	s.guard.logger = logger
	if s.guard.next, err = s.handler(logger); err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: &s.guard,
		// A fault may hold a request for as long as its client stays, or until ctx ends.
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		ConnState:         limitConnections(),
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	stopped := make(chan struct{})
	context.AfterFunc(ctx, func() {
		defer close(stopped)
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		if server.Shutdown(patience) != nil {
			_ = server.Close() // a client that holds on to its connection does not hold us up
		}
	})
	if _, err := fmt.Fprintf(stdout, "listening on http://%s/api/v3\n", listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-stopped
	logger.Info("stopped")
	return nil
}
