package instance

import (
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// selectorValue is what the discriminator's property says for a branch: what the mapping says, or else the
// name of the schema.
func selectorValue(d *openapi3.Discriminator, ref string) string {
	for value, target := range d.Mapping {
		if target.Ref == ref || strings.HasSuffix(ref, "/"+target.Ref) {
			return value
		}
	}
	return ref[strings.LastIndexByte(ref, '/')+1:]
}
