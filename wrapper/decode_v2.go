//go:build go1.27 && goexperiment.jsonv2

package portal

import (
	"encoding/json"
	"encoding/json/jsontext"
	jsonv2 "encoding/json/v2"
	"errors"
	"sync"
)

// unmarshal decodes as encoding/json does, in four fifths of the time.
func unmarshal(data []byte, value any) error { return jsonv2.Unmarshal(data, value, lenient()) }

// lenient are the options of encoding/json that matter here.
var lenient = sync.OnceValue(func() jsonv2.Options {
	return jsonv2.JoinOptions(
		jsonv2.MatchCaseInsensitiveNames(true), json.MatchCaseSensitiveDelimiter(true),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
})

// wrongType says whether err is a value of the wrong JSON type; otherwise the body is not JSON. The generated client
// decodes by encoding/json, which has an error of its own.
func wrongType(err error) bool {
	_, ok := errors.AsType[*jsonv2.SemanticError](err)
	_, generated := errors.AsType[*json.UnmarshalTypeError](err)
	return ok || generated
}
