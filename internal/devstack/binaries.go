package devstack

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"retailq"
)

// The oldest releases that have what the platform and this package use: CREATE DATABASE … STRATEGY of Postgres 15,
// set-proc-title of Redis 6.2.
const oldestPostgres, oldestRedis = 15, 6.2

// postgresBin returns the directory with the programs of the newest Postgres, or, if major is not 0, of that release:
// a data directory can only be opened by the release that made it.
func postgresBin(binDirs []string, major int) (string, error) {
	var found []string
	for _, dir := range postgresDirs(binDirs) {
		release := release(filepath.Join(dir, "postgres"), `PostgreSQL\) (\d+)`)
		if release == 0 || !isProgram(filepath.Join(dir, "initdb")) {
			continue
		}
		if release >= oldestPostgres && (major == 0 || int(release) == major) {
			return dir, nil
		}
		found = append(found, fmt.Sprintf("%s in %s", strconv.FormatFloat(release, 'f', -1, 64), dir))
	}
	wanted := fmt.Sprintf("%d or newer", oldestPostgres)
	if major != 0 {
		wanted = fmt.Sprintf("%d, which made the existing data directory,", major)
	}
	return "", missing("postgres", "PostgreSQL "+wanted, found,
		"postgresql (apt, apk), postgresql-server (dnf) or postgresql@17 (brew)")
}

// postgresDirs lists where to look, the newest release first. Debian and the packages of the Postgres project keep
// the server's programs off the PATH.
func postgresDirs(binDirs []string) []string {
	if len(binDirs) > 0 {
		return binDirs
	}
	var dirs []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*",
		"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
	} {
		matches, _ := filepath.Glob(pattern)
		dirs = append(dirs, matches...)
	}
	inName := regexp.MustCompile(`(\d+)(/bin)?$`)
	slices.SortStableFunc(dirs, func(a, b string) int { return int(number(inName, b) - number(inName, a)) })
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	return append(dirs, filepath.SplitList(os.Getenv("PATH"))...)
}

// redisBin returns the path of redis-server, or of Valkey, its continuation that some distributions ship instead.
func redisBin(binDirs []string) (string, error) {
	if len(binDirs) == 0 {
		binDirs = filepath.SplitList(os.Getenv("PATH"))
	}
	var found []string
	for _, name := range []string{"redis-server", "valkey-server"} {
		for _, dir := range binDirs {
			path := filepath.Join(dir, name)
			release := release(path, `v=(\d+\.\d+)`)
			if release >= oldestRedis {
				return path, nil
			}
			if release > 0 {
				found = append(found, fmt.Sprintf("%.1f in %s", release, dir))
			}
		}
	}
	return "", missing("redis", fmt.Sprintf("Redis %.1f or newer", oldestRedis), found,
		"redis-server (apt), redis (dnf, apk, brew) or valkey (dnf)")
}

func missing(name, wanted string, found []string, packages string) error {
	instead := "is not installed"
	if len(found) > 0 {
		instead = "is needed; there is only " + strings.Join(found, ", ")
	}
	return retailq.Errorf(retailq.ErrUnavailable, name+"_missing", "%s %s: install the package %s",
		wanted, instead, packages).WithHint("Run scripts/setup, which installs what is missing.")
}

// release runs the program with --version and reads its release by the pattern. It is 0 if there is no such program.
func release(program, pattern string) float64 {
	if !isProgram(program) {
		return 0
	}
	out, err := exec.Command(program, "--version").Output()
	if err != nil {
		return 0
	}
	return number(regexp.MustCompile(pattern), string(out))
}

func number(pattern *regexp.Regexp, text string) float64 {
	match := pattern.FindStringSubmatch(text)
	if match == nil {
		return 0
	}
	n, err := strconv.ParseFloat(match[1], 64)
	if err != nil {
		return 0
	}
	return n
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
