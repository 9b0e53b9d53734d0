package boot

import (
	"os"
	"runtime/debug"
)

// Environ returns the environment of the process, for package config.
func Environ() []string { return os.Environ() }

// Version returns the version of the program: as the linker has set it, or as the go command has recorded it.
func Version(linked string) string {
	if linked != "" {
		return linked
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "dev"
	}
	return info.Main.Version
}
