package memory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/bench/contender"
	"github.com/portalclient/portal-client-go/internal/bench/memory"
)

func TestMeasure(t *testing.T) {
	t.Parallel()
	contenders, err := contender.Some(contender.Floor, contender.Create)
	require.NoError(t, err)
	all, err := memory.Measure(t.Context(), memory.Cases(), contenders, memory.Rounds{N: 3, Slice: time.Millisecond})
	require.NoError(t, err)
	require.Len(t, all, 4)
	for _, s := range all {
		require.Len(t, s.Wall, 3)
		require.Positive(t, s.Wall[0])
		require.Greater(t, s.Allocs, 10.0)
		require.Greater(t, s.Bytes, 1000.0)
	}
}

func TestMeasureRefusesAWrongAnswer(t *testing.T) {
	t.Parallel()
	contenders, err := contender.Some(contender.Floor)
	require.NoError(t, err)
	wrong := []memory.Case{{Name: "wrong", Status: 200, Body: []byte(`{"data":{"id":"another"}}`)}}
	_, err = memory.Measure(t.Context(), wrong, contenders, memory.Rounds{N: 1, Slice: time.Millisecond})
	require.ErrorContains(t, err, "wrong customer")
}
