// Package contender holds what is measured against each other: the same call, written with each of the
// things that a Go programmer would write it with. Each answers with the ID of the customer, whether the
// API made it (200) or had it already (409).
package contender

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// A Call is one createMeldCustomer. It may be made by many goroutines at once.
type Call func(ctx context.Context) (id string, err error)

// A Contender is one way to write the call.
type Contender struct {
	Name string
	// New prepares the call. With a nil transport, everything is as it comes out of the box: no option is
	// set besides the base URL and the token.
	New func(baseURL, token string, transport http.RoundTripper) (Call, error)
}

// person is who every contender registers. As in a program, the request is built in the call, from values
// that are not known before.
var person = struct {
	first, last, email, phone string
	born                      time.Time
}{"Jane Margaret", "Doe", "jane.margaret.doe@example.com", "+14155550123", time.Date(1990, time.April, 1, 0, 0, 0, 0, time.UTC)}

// The names of the contenders.
const (
	Floor     = "floor (net/http + encoding/json)"
	Default   = "oapi-codegen default"
	Resty     = "resty v3"
	Retryable = "go-retryablehttp + oapi-codegen"
	Create    = "portal CreateMeldCustomer"
	Ensure    = "portal EnsureMeldCustomer"
	API       = "portal API()"
	Package   = "package api alone"
)

// All lists the contenders. The last one is no contender of its own: the generated package of this
// module behind a plain http.Client, to tell its share from the door's.
func All() []Contender {
	return []Contender{
		{Floor, newFloor},
		{Default, newDefault},
		{Resty, newResty},
		{Retryable, newRetryable},
		{Create, newCreate},
		{Ensure, newEnsure},
		{API, newAPI},
		{Package, newPackage},
	}
}

// Named is the contender of that name.
func Named(name string) (Contender, error) {
	for _, c := range All() {
		if c.Name == name {
			return c, nil
		}
	}
	return Contender{}, fmt.Errorf("no contender is called %q", name)
}

// Some lists the contenders of those names.
func Some(names ...string) ([]Contender, error) {
	var list []Contender
	for _, name := range names {
		c, err := Named(name)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// unexpected is the error of a status that no contender should see here.
func unexpected(status int) error { return fmt.Errorf("unexpected status %d", status) }
