// Command consumer is what a user of the module would write: a back end that registers its end users with
// Meld. It is a module of its own, so that it sees the client as strangers do.
//
//	consumer -listen 127.0.0.1:8090        serves POST /customers and GET /countries
//	consumer -tokens file -parallel 8      registers the end user of each token, one a line
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8090", "the address to serve")
	tokens := flag.String("tokens", "", "register the end users of the tokens in this file, and exit")
	parallel := flag.Int("parallel", 8, "how many to register at once")
	flag.Parse()
	if err := run(*listen, *tokens, *parallel); err != nil {
		slog.Error("stopped", "error", err)
		os.Exit(1)
	}
}

func run(listen, tokens string, parallel int) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	options := []portal.Option{portal.WithLogger(slog.Default()), portal.WithUserAgent("consumer/1.0")}
	if baseURL := os.Getenv("PORTAL_BASE_URL"); baseURL != "" {
		options = append(options, portal.WithBaseURL(baseURL))
	}
	// One client for the process; each end user brings a token of their own.
	client, err := portal.New(portal.TokenFunc(noEndUser), options...)
	if err != nil {
		return err
	}
	if tokens != "" {
		return registerFile(ctx, client, tokens, parallel)
	}
	return serve(ctx, listen, newBackEnd(client))
}

// noEndUser is the token source of the process: nothing is ever called without an end user.
func noEndUser(context.Context) (string, error) {
	return "", errors.New("no end user: call WithTokenSource first")
}

func serve(ctx context.Context, listen string, handler http.Handler) error {
	server := &http.Server{Addr: listen, Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func registerFile(ctx context.Context, client *portal.Client, name string, parallel int) error {
	lines, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	for i, r := range registerAll(ctx, client, strings.Fields(string(lines)), parallel) {
		fmt.Println(i, r.id, r.what)
	}
	return nil
}
