package portal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"1990-02-28", "2000-02-29", "0001-01-01", "9999-12-31"} {
		parsed, err := portal.ParseDate(text)
		require.NoError(t, err)
		require.Equal(t, `"`+text+`"`, marshal(parsed))
	}
	for _, text := range []string{
		"", "1990", "1990-02", "1990-2-8", "1990-02-30", "1900-02-29", "1990-13-01", "1990-00-10", "1990-01-00", "28.02.1990", "02/28/1990", "0000-01-01", "-001-01-01", "10000-01-01",
		"1990-02-28T00:00:00Z", " 1990-02-28", "1990-02-28\n", "1990−02−28", "١٩٩٠-02-28", "19900228",
	} {
		parsed, err := portal.ParseDate(text)
		require.ErrorIs(t, err, portal.ErrInvalidRequest, "%q", text)
		require.Zero(t, parsed)
		if len(text) > 3 {
			require.NotContains(t, err.Error(), text)
		}
	}
}
