package portal

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
)

// Result turns what an operation of [Client.API] returns into a value or an error:
//
//	customer, err := portal.Result(client.API().GetMeldCustomerWithResponse(ctx))
//
// The value is that of a 200, or of any other 2xx whose JSON decodes as the same type. Everything else is an
// [*APIError] as complete as those of the typed methods; a 2xx that holds nothing (an empty body, {} or
// null) is [ErrUnusableResponse]. For an operation whose success has no body use [NoContent].
func Result[T any, R interface {
	GetJSON200() *T
	GetBody() []byte
	StatusCode() int
}](r R, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	status := r.StatusCode()
	if status/100 != 2 {
		return nil, errorOf(r, status, r.GetBody(), nil)
	}
	value := r.GetJSON200()
	if value == nil {
		value = new(T)
		if err := json.Unmarshal(r.GetBody(), value); err != nil {
			return nil, errorOf(r, status, r.GetBody(), err)
		}
	}
	if isZero(value) {
		return nil, errorOf(r, status, r.GetBody(), errNoValue)
	}
	return value, nil
}

// NoContent is [Result] for an operation whose success has no body, or none that matters: any 2xx is nil.
func NoContent[R interface {
	GetBody() []byte
	StatusCode() int
}](r R, err error) error {
	if err != nil {
		return err
	}
	if status := r.StatusCode(); status/100 != 2 {
		return errorOf(r, status, r.GetBody(), nil)
	}
	return nil
}

// errorOf makes the error of a generated response. Its HTTPResponse, a field without a method, leads to the
// call; a response that did not come through the door has none.
func errorOf(response any, status int, body []byte, cause error) error {
	resp := httpResponse(response)
	c, ok := resp.Request.Context().Value(callKey{}).(*call)
	if !ok {
		c = &call{op: &operation{index: -1, id: "unknown operation"}}
	}
	return c.newError(resp.Request, &reply{status: status, header: resp.Header, body: body}, cause)
}

func httpResponse(response any) *http.Response {
	v := reflect.Indirect(reflect.ValueOf(response))
	if v.Kind() == reflect.Struct {
		if field := v.FieldByName("HTTPResponse"); field.IsValid() {
			if resp, ok := field.Interface().(*http.Response); ok && resp != nil && resp.Request != nil {
				return resp
			}
		}
	}
	return &http.Response{Request: &http.Request{URL: new(url.URL)}}
}
