// Command consumer is what a user of the module would write: a back end that registers its end users with
// Meld. It is a module of its own, so that it sees the client as strangers do.
//
//	consumer -listen 127.0.0.1:8090        serves POST /customers and GET /countries
package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"time"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8090", "the `address` to serve")
	flag.Parse()
	if err := run(*listen); err != nil {
		slog.Error("stopped", "error", err)
		os.Exit(1)
	}
}

func run(listen string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	options := []portal.Option{portal.WithLogger(slog.Default()), portal.WithUserAgent("consumer/1.0")}
	if baseURL := os.Getenv("PORTAL_BASE_URL"); baseURL != "" {
		options = append(options, portal.WithBaseURL(baseURL))
	}
	client, err := portal.New(nil, options...) // one for the process; each end user brings a token of their own
	if err != nil {
		return err
	}
	server := &http.Server{Addr: listen, Handler: newBackEnd(client), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
