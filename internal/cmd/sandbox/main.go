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
	settings, err := parse(args, stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		_, _ = fmt.Fprintf(stderr, "sandbox: %v\n", err)
		return 2
	}
	if err := serve(ctx, settings, stdout, stderr); err != nil {
		_, _ = fmt.Fprintf(stderr, "sandbox: %v\n", err)
		return 1
	}
	return 0
}

func serve(ctx context.Context, s settings, stdout, stderr io.Writer) error {
	logger := slog.New(slog.NewTextHandler(stderr, nil))
	handler, err := s.handler(logger)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return err
	}
	// A fault may hold a request for as long as the client stays; this ends it.
	background := context.WithoutCancel(ctx)
	waiting, release := context.WithCancel(background)
	defer release()
	s.guard.next, s.guard.logger = handler, logger
	server := &http.Server{
		Handler:           &s.guard,
		BaseContext:       func(net.Listener) context.Context { return waiting },
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		ConnState:         limitConnections(),
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if _, err := fmt.Fprintf(stdout, "listening on http://%s/api/v3\n", listener.Addr()); err != nil {
		return errors.Join(err, server.Close())
	}
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	release()
	patience, cancel := context.WithTimeout(background, 3*time.Second)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		_ = server.Close() // a client that holds on to its connection does not hold us up
	}
	logger.Info("stopped")
	return nil
}
