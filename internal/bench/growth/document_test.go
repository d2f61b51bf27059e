package growth

import (
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDocumentHasEachOperationOnce(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 80} {
		text, err := json.Marshal(Document(n))
		require.NoError(t, err)
		for i := range n {
			require.Equal(t, 1, strings.Count(string(text), fmt.Sprintf("%q", operationID(i))))
		}
		require.Equal(t, n, strings.Count(string(text), `"operationId"`))

		main := program(n)
		_, err = parser.ParseFile(token.NewFileSet(), "main.go", main, 0)
		require.NoError(t, err)
		require.Equal(t, n, strings.Count(string(main), "made.Parse"))
	}
}
