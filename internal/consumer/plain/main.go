// Command plain does what the consumer does with net/http and encoding/json alone. It is only built to be
// weighed: it repeats nothing, reads bodies of any size and has one error for everything.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
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
	if tokens != "" {
		return registerFile(ctx, tokens, parallel)
	}
	return http.ListenAndServe(listen, handler())
}

func handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /customers", func(w http.ResponseWriter, r *http.Request) {
		var form map[string]string
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&form); err != nil {
			http.Error(w, "the body must be JSON", http.StatusBadRequest)
			return
		}
		customer := map[string]any{
			"name":  map[string]string{"firstName": form["firstName"], "lastName": form["lastName"]},
			"email": form["email"],
		}
		id, created, err := create(r.Context(), tokenOf(r), customer)
		answer(w, map[string]any{"id": id, "created": created}, err)
	})
	mux.HandleFunc("GET /countries", func(w http.ResponseWriter, r *http.Request) {
		var countries struct {
			Data []struct{ CountryCode, Name string } `json:"data"`
		}
		_, err := call(r.Context(), tokenOf(r), http.MethodGet, "/clients/me/integrations/meld/discovery/countries", nil, &countries)
		names := map[string]string{}
		for _, country := range countries.Data {
			names[country.CountryCode] = country.Name
		}
		answer(w, names, err)
	})
	return mux
}

func tokenOf(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

func answer(w http.ResponseWriter, value any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func registerFile(ctx context.Context, name string, parallel int) error {
	lines, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var workers sync.WaitGroup
	slots := make(chan struct{}, max(parallel, 1))
	for i, token := range strings.Fields(string(lines)) {
		slots <- struct{}{}
		workers.Go(func() {
			defer func() { <-slots }()
			id, created, err := create(ctx, token, map[string]any{})
			fmt.Println(i, id, created, err)
		})
	}
	workers.Wait()
	return nil
}

func create(ctx context.Context, token string, customer any) (id string, created bool, err error) {
	var reply struct {
		Data    struct{ ID string }             `json:"data"`
		Details struct{ MeldCustomerID string } `json:"details"`
	}
	status, err := call(ctx, token, http.MethodPost, "/clients/me/integrations/meld/customers", customer, &reply)
	if status == http.StatusConflict {
		return reply.Details.MeldCustomerID, false, nil
	}
	return reply.Data.ID, true, err
}

func call(ctx context.Context, token, method, path string, send, receive any) (status int, err error) {
	var body io.Reader
	if send != nil {
		payload, err := json.Marshal(send)
		if err != nil {
			return 0, err
		}
		body = bytes.NewReader(payload)
	}
	req, err := http.NewRequestWithContext(ctx, method, os.Getenv("PORTAL_BASE_URL")+path, body)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(receive); err != nil {
		return resp.StatusCode, err
	}
	if resp.StatusCode != http.StatusOK {
		return resp.StatusCode, fmt.Errorf("status %d", resp.StatusCode)
	}
	return resp.StatusCode, nil
}
