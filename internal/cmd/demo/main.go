// Command demo shows the main job of portal-client-go: create a Meld customer, be told 409 the second time,
// get the existing ID. Without PORTAL_CLIENT_TOKEN it talks to a fake API that it starts itself.
package main

import (
	"context"
	_ "embed" // usage.txt
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

//go:embed usage.txt
var usage string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	request, journey, err := parse(args, out)
	if err != nil {
		return err
	}
	t := &transcript{out, portal.NewTransport()}
	printing := portal.WithHTTPClient(&http.Client{Transport: t})
	if os.Getenv("PORTAL_CLIENT_TOKEN") != "" {
		if journey {
			return fmt.Errorf("%w: journey needs the fake API; unset PORTAL_CLIENT_TOKEN", portal.ErrInvalidRequest)
		}
		client, err := portal.NewFromEnv(printing)
		if err != nil {
			return err
		}
		t.say("Talking to the real API, as the client that PORTAL_CLIENT_TOKEN belongs to.")
		return customers(ctx, client, request, t)
	}
	fake := portaltest.NewHandler()
	server := httptest.NewServer(fake)
	defer server.Close()
	client, err := portal.New(portal.StaticToken("demo-token"), portal.WithBaseURL(server.URL+"/api/v3"), printing)
	if err != nil {
		return err
	}
	t.say("PORTAL_CLIENT_TOKEN is not set: talking to a fake API at %s.", server.URL)
	if journey {
		return walk(ctx, client, fake, request, t)
	}
	return customers(ctx, client, request, t)
}

// parse reads the command line, with the word journey anywhere in it. A mistake is one line.
func parse(args []string, out io.Writer) (request *api.MeldCreateCustomerRequest, journey bool, err error) {
	rest := slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return arg == "journey" })
	request = new(api.MeldCreateCustomerRequest)
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&request.Name.FirstName, "first-name", "Jane", "first `name`")
	flags.StringVar(&request.Name.LastName, "last-name", "Doe", "last `name`")
	birth := flags.String("birth-date", "1990-02-28", "`date` of birth, YYYY-MM-DD")
	flags.StringVar(&request.Email, "email", "jane@example.com", "`e-mail` address")
	flags.StringVar(&request.Phone, "phone", "+14155550123", "phone `number`, E.164")
	flags.StringVar((*string)(&request.Type), "type", "INDIVIDUAL", "`type`: INDIVIDUAL or BUSINESS")
	if err = flags.Parse(rest); errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(out, usage)
		flags.SetOutput(out)
		flags.PrintDefaults()
		return nil, false, err
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w (-h explains)", portal.ErrInvalidRequest, err)
	}
	request.DateOfBirth, err = portal.ParseDate(*birth)
	return request, len(rest) < len(args), err
}
