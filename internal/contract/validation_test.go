package contract

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/portalclient/portal-client-go/internal/contract/instance"
)

// formats are asserted for real. kin-openapi by itself knows no email and no uuid, and versions of it let
// a day pass that the calendar does not have.
var formats = openapi3.WithStringFormatValidators(map[string]openapi3.StringFormatValidator{
	"email":     format(isEmail),
	"date":      format(func(s string) error { _, err := time.Parse(time.DateOnly, s); return err }),
	"date-time": format(func(s string) error { _, err := time.Parse(time.RFC3339Nano, s); return err }),
	"uuid":      openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForUUIDOfRFC9562),
	"byte":      format(func(s string) error { _, err := base64.StdEncoding.DecodeString(s); return err }),
	"uri":       format(isURI),
})

// kin-openapi reads no body whose type it does not know.
func init() {
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.RegisteredBodyDecoder("text/plain"))
}

func format(check func(string) error) openapi3.StringFormatValidator {
	return openapi3.NewCallbackValidator(check)
}

func isEmail(s string) error {
	a, err := mail.ParseAddress(s)
	if err == nil && (a.Name != "" || a.Address != s) {
		err = errors.New("not one bare address")
	}
	return err
}

func isURI(s string) error {
	u, err := url.Parse(s)
	if err == nil && !u.IsAbs() {
		err = errors.New("not absolute")
	}
	return err
}

// validator checks values of one schema as kin-openapi checks bodies.
func validator(doc *openapi3.T, ref *openapi3.SchemaRef, use instance.Use) func(any) error {
	if ref == nil {
		return nil
	}
	opts := []openapi3.SchemaValidationOption{formats}
	if doc.IsOpenAPI31OrLater() {
		opts = append(opts, openapi3.EnableJSONSchema2020())
	}
	switch {
	case use.Reply:
		opts = append(opts, openapi3.VisitAsResponse())
	case use.In == "":
		opts = append(opts, openapi3.VisitAsRequest())
	}
	return func(v any) error { return ref.Value.VisitJSON(instance.Plain(v), opts...) }
}

// validateRequest checks a request that arrived: credentials, parameters, body.
func validateRequest(op *operation, r *http.Request, body string) (*openapi3filter.RequestValidationInput, error) {
	values, err := op.pathValues(r)
	if err != nil {
		return nil, err
	}
	r = r.Clone(context.Background())
	r.Body = io.NopCloser(strings.NewReader(body))
	input := &openapi3filter.RequestValidationInput{
		Request:    r,
		PathParams: values,
		Route: &routers.Route{
			Spec: op.doc, Server: &openapi3.Server{}, Path: op.template, PathItem: op.item,
			Method: op.method, Operation: op.spec,
		},
		Options: &openapi3filter.Options{
			SchemaValidationOptions:           []openapi3.SchemaValidationOption{formats},
			RejectWhenRequestBodyNotSpecified: true,
			IncludeResponseStatus:             true,
			SkipSettingDefaults:               true,
			AuthenticationFunc: func(_ context.Context, in *openapi3filter.AuthenticationInput) error {
				return checkCredentials(in.RequestValidationInput.Request.Header)
			},
		},
	}
	return input, openapi3filter.ValidateRequest(r.Context(), input)
}

// validateReply checks what our own server is about to send.
func validateReply(input *openapi3filter.RequestValidationInput, status int, header http.Header, body []byte) error {
	reply := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: status, Header: header, Options: input.Options,
	}
	reply.SetBodyBytes(body)
	return openapi3filter.ValidateResponse(context.Background(), reply)
}

const token = "contract-token"

// checkCredentials: ours and no others, whatever header parameters the document has.
func checkCredentials(header http.Header) error {
	if got := header.Values("Authorization"); len(got) != 1 || got[0] != "Bearer "+token {
		return fmt.Errorf("Authorization is %q instead of the client's own", got)
	}
	return nil
}

var traceID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// checkHeaders: what the door adds to every request.
func checkHeaders(header http.Header) error {
	if err := checkCredentials(header); err != nil {
		return err
	}
	if got := header.Values("X-Portal-Trace-Id"); len(got) != 1 || !traceID.MatchString(got[0]) {
		return fmt.Errorf("X-Portal-Trace-Id is %q instead of one UUID", got)
	}
	if !strings.Contains(header.Get("User-Agent"), "portal-client-go/") {
		return fmt.Errorf("User-Agent is %q", header.Get("User-Agent"))
	}
	return nil
}
