package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"retailq/config"
)

func TestSecretIsNeverSeen(t *testing.T) {
	t.Parallel()
	type holder struct{ Key config.Secret }
	const key = config.Secret("hunter2")
	held := holder{Key: key}
	var logged bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&logged, nil))
	log.Info("start", "key", key, "held", held, "pointer", &held)
	marshalled, err := json.Marshal(held)
	require.NoError(t, err)
	seen := logged.String() + string(marshalled)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s"} {
		seen += fmt.Sprintf(verb, key) + fmt.Sprintf(verb, held) + fmt.Sprintf(verb, &held) + fmt.Sprintf(verb, []any{key})
	}
	require.NotContains(t, seen, "hunter2")
	require.NotContains(t, seen, fmt.Sprintf("%x", "hunter2"))
	require.Contains(t, seen, "[redacted]")
	require.Equal(t, "hunter2", key.Reveal())
	require.Empty(t, config.Secret("").String(), "one sees that it is missing")
}

func TestByteSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]config.ByteSize{
		"0B": 0, "1B": 1, "1KiB": 1 << 10, "512MiB": 512 << 20, "10GiB": 10 << 30, "1KB": 1000, "3MB": 3e6, "2GB": 2e9,
		"1 GiB": 1 << 30,
	} {
		var got config.ByteSize
		require.NoError(t, got.UnmarshalText([]byte(text)))
		require.Equal(t, want, got)
	}
	for _, text := range []string{"", "1", "MiB", "-1MiB", "1.5MiB", "1mib", "9999999999GiB", "1MiB "} {
		require.Error(t, new(config.ByteSize).UnmarshalText([]byte(text)), text)
	}
}

func TestByteSizeRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size := config.ByteSize(rapid.Int64Min(0).Draw(t, "size"))
		text, err := size.MarshalText()
		require.NoError(t, err)
		var back config.ByteSize
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, size, back)
	})
}
