package main

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

// A fake is portaltest, listening on loopback.
type fake struct {
	*portaltest.Handler
	url    string
	server *http.Server
}

func startFake(ctx context.Context) (*fake, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	handler := portaltest.NewHandler()
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return &fake{handler, "http://" + listener.Addr().String() + "/api/v3", server}, nil
}

func (f *fake) stop() { _ = f.server.Close() }
