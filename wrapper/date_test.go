package portal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	for _, day := range []string{"0001-01-01", "1990-02-28", "2000-02-29", "9999-12-31"} {
		date, err := portal.ParseDate(day)
		require.NoError(t, err)
		require.Equal(t, `"`+day+`"`, marshal(date))
	}
	for _, day := range []string{"", "0000-12-31", "1990-02-30", "1900-02-29", "1990-2-28", "90-02-28", "1990-02-28T00:00:00Z", " 1990-02-28", "28.02.1990"} {
		date, err := portal.ParseDate(day)
		require.ErrorIs(t, err, portal.ErrInvalidRequest, day)
		require.Zero(t, date)
		if day != "" {
			require.NotContains(t, err.Error(), day)
		}
	}
}
