package portal

import (
	"context"
	"net/http"
)

// Operations of no document, called as the generated methods call theirs: so the tests do not depend on which
// operations there are today.
var (
	opTestRead   = operation{id: "testRead", method: http.MethodGet, template: "/tests/{id}", value: true, envelope: true}
	opTestSearch = operation{id: "testSearch", method: http.MethodPost, template: "/tests/search", value: true, envelope: true}
	opTestWrite  = operation{id: "testWrite", method: http.MethodPost, template: "/tests/{id}:write/{part}", class: write, value: true, envelope: true, needsBody: true}
	opTestPlain  = operation{id: "testPlain", method: http.MethodGet, template: "/tests", value: true}
	opTestEmpty  = operation{id: "testEmpty", method: http.MethodPatch, template: "/tests", class: write}
	opTestFetch  = operation{id: "testFetch", method: http.MethodGet, template: "/tests/{id}:fetch", class: write, value: true, envelope: true}
	opTestQuery  = operation{id: "testQuery", method: http.MethodGet, template: "/tests/queries", value: true, needsParams: true}
)

// A TestValue is the success of the test operations.
type TestValue struct {
	Data struct {
		ID     string `json:"id"`
		Number int    `json:"number"`
	} `json:"data"`
}

// A TestBody is the body of testWrite.
type TestBody struct {
	Name   string      `json:"name,omitzero"`
	Amount any         `json:"amount,omitzero"`
	Parts  []*TestBody `json:"parts,omitzero"`
}

// TestParams are the parameters of testQuery; Name is required.
type TestParams struct{ Name, Trace string }

func (c *Client) TestRead(ctx context.Context, id string) (*TestValue, error) {
	return invoke[TestValue](ctx, c.sender, &opTestRead, input{path: []string{id}})
}

func (c *Client) TestWrite(ctx context.Context, id, part string, body *TestBody) (*TestValue, error) {
	return invoke[TestValue](ctx, c.sender, &opTestWrite, input{path: []string{id, part}, body: body})
}

func (c *Client) TestFetch(ctx context.Context, id string) (*TestValue, error) {
	return invoke[TestValue](ctx, c.sender, &opTestFetch, input{path: []string{id}})
}

func (c *Client) TestEmpty(ctx context.Context) error {
	return c.sender.do(ctx, &opTestEmpty, input{}, nil)
}

func (c *Client) TestQuery(ctx context.Context, params *TestParams) (*TestValue, error) {
	in := input{}
	if params != nil {
		in.params = func() (*http.Request, error) {
			req, err := http.NewRequest(http.MethodGet, "/?name="+params.Name, http.NoBody)
			if err == nil && params.Trace != "" {
				req.Header["X-Test"] = []string{params.Trace}
			}
			return req, err
		}
		in.required = []requiredParam{{"name", params.Name == ""}}
	}
	return invoke[TestValue](ctx, c.sender, &opTestQuery, in)
}

func (c *Client) TestSearch(ctx context.Context) (*TestValue, error) {
	return invoke[TestValue](ctx, c.sender, &opTestSearch, input{})
}

// CallForObject and CallForValue are for successes of other kinds than an object with data.
func CallForObject[T any](ctx context.Context, c *Client) (*T, error) {
	return invoke[T](ctx, c.sender, &opTestPlain, input{})
}

func CallForValue[T any](ctx context.Context, c *Client) (T, error) {
	return invokeValue[T](ctx, c.sender, &opTestPlain, input{})
}
