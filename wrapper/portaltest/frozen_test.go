package portaltest

import (
	"fmt"
	"os"
	"sync"

	"github.com/portalclient/portal-client-go/internal/apicheck"
)

// The tests of this package serve a document of their own, which has Meld's and the custodian's operations as
// they were when the tests were written: what the fake does with a document must not depend on which one the
// module has today. Tests of that one read it by themselves.
func init() {
	theDocument = sync.OnceValue(func() *apicheck.Document {
		text, err := os.ReadFile("testdata/document.json")
		if err != nil {
			panic(err)
		}
		d, err := apicheck.Read(text)
		if err != nil {
			panic(fmt.Sprintf("testdata/document.json: %v", err))
		}
		return d
	})
}
