package config_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq/config"
)

// TestDocumentation holds the tables of docs/configuration.md to the structs: every variable, its default and who
// reads it.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/configuration.md")
	require.NoError(t, err)
	documented := map[string]config.Variable{}
	for line := range strings.Lines(string(text)) {
		// | `NAME` | default | read by | meaning |
		cells := strings.Split(line, "|")
		if len(cells) < 5 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			continue
		}
		v := config.Variable{
			Name: strings.Trim(cells[1], " `"), Commands: strings.Split(strings.TrimSpace(cells[3]), ", "),
		}
		switch fallback := strings.Trim(cells[2], " `"); fallback {
		case "required":
			v.Required = true
		case "none":
		default:
			v.Default = fallback
		}
		require.NotContains(t, documented, v.Name, "it is described twice")
		documented[v.Name] = v
	}
	for _, v := range config.Variables() {
		require.Equal(t, v, documented[v.Name], "in docs/configuration.md")
		delete(documented, v.Name)
	}
	require.Empty(t, documented, "no command reads these")
}
