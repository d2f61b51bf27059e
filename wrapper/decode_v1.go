//go:build !(go1.27 && goexperiment.jsonv2)

package portal

import (
	"encoding/json"
	"errors"
)

func unmarshal(data []byte, value any) error { return json.Unmarshal(data, value) }

// wrongType says whether err is a value of the wrong JSON type; otherwise the body is not JSON.
func wrongType(err error) bool {
	_, ok := errors.AsType[*json.UnmarshalTypeError](err)
	return ok
}
