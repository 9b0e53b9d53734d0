package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestImports reads the source with go/parser rather than asking the go command, because the cached result of a test
// is renewed when a file that the test has opened changes, and not when a command it ran would answer differently.
func TestImports(t *testing.T) {
	t.Parallel()
	root := moduleRoot(t)
	fset := token.NewFileSet()
	for _, name := range goFiles(t, root) {
		parsed, err := parser.ParseFile(fset, path.Join(root, name), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, problem := range problemsOf(source{name: name, fset: fset, syntax: parsed}) {
			t.Error(problem)
		}
	}
}

// modulePath is the first line of go.mod.
const modulePath = "retailq"

// source is one parsed file. Its name is below the module root, with slashes.
type source struct {
	name   string
	fset   *token.FileSet
	syntax *ast.File
}

func (s source) dir() string { return path.Dir(s.name) }

// forTests reports whether only tests can reach the file: it is a test, or belongs to a package that serves them.
func (s source) forTests() bool {
	return strings.HasSuffix(s.name, "_test.go") || isTestSupport(s.dir())
}

func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.name, s.fset.Position(n.Pos()).Line)
}

// problemsOf returns a sentence for each breach of the tables in one file.
func problemsOf(s source) []string {
	home, known := roomOf(s.dir())
	if !known {
		return []string{fmt.Sprintf("%s: package %s has no line in rooms: say there what it may import",
			s.at(s.syntax), s.dir())}
	}
	var problems []string
	for _, spec := range s.syntax.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value) // the parser has accepted it as a string
		if rule := forbidden(s, home, imported); rule != "" {
			problems = append(problems, fmt.Sprintf("%s: imports %q, but %s", s.at(spec), imported, rule))
		}
	}
	return append(problems, environmentReads(s)...)
}

// forbidden returns the rule that an import breaks, or "".
func forbidden(s source, home room, imported string) string {
	dir, ours := cutModule(imported)
	switch {
	case ours:
		return forbiddenRoom(s, home, dir)
	case !strings.Contains(strings.Split(imported, "/")[0], "."):
		return "" // the standard library
	case home.dir == "." && !s.forTests():
		return "the root package imports the standard library only"
	case slices.ContainsFunc(testLibraries, func(lib string) bool { return within(imported, lib) }):
		if s.forTests() {
			return ""
		}
		return "that library is for tests only"
	}
	return forbiddenClient(s, imported)
}

func forbiddenRoom(s source, home room, dir string) string {
	target, known := roomOf(dir)
	switch {
	case !known:
		return fmt.Sprintf("%s has no line in rooms", dir)
	case isTestSupport(dir) && !s.forTests():
		return "that package is for tests only"
	case target.dir == home.dir, allows(home.may, target.dir):
		return ""
	case s.forTests() && (allows(home.tests, target.dir) || isTestSupport(dir) ||
		target.dir == "." || target.dir == "internal/devstack"):
		return ""
	case len(home.may) == 0:
		return fmt.Sprintf("%s imports no other package of the module", home.dir)
	}
	return fmt.Sprintf("%s may import only %s", home.dir, strings.Join(home.may, ", "))
}

func forbiddenClient(s source, imported string) string {
	for _, c := range clients {
		if !within(imported, c.path) {
			continue
		}
		if c.home == anything || c.home != "" && within(s.dir(), c.home) || isGuest(s, c.also) {
			return ""
		}
		if c.home == "" {
			return "that module is for the tests of " + c.also[0].dir
		}
		return fmt.Sprintf("the one home of %s is %s", c.path, c.home)
	}
	return "that module has no line in clients: say there which package is its home"
}

// environmentReads finds calls, or mentions, of the functions of package os that read environment variables.
func environmentReads(s source) []string {
	if s.forTests() || isGuest(s, environmentReaders) {
		return nil
	}
	var problems []string
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := sel.X.(*ast.Ident)
		if ok && pkg.Name == "os" && slices.Contains(
			[]string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}, sel.Sel.Name) {
			problems = append(problems, fmt.Sprintf(
				"%s: reads the environment by os.%s, but that is for config to do; take a value instead",
				s.at(sel), sel.Sel.Name))
		}
		return true
	})
	return problems
}

// roomOf finds the line of the table that covers a directory: the longest that it is within.
func roomOf(dir string) (room, bool) {
	best := room{}
	for _, r := range rooms {
		if within(dir, r.dir) && len(r.dir) > len(best.dir) {
			best = r
		}
	}
	return best, best.dir != ""
}

// within reports whether p is the slash-separated path of a directory or import, or below it. Nothing is below ".",
// or every new package would be covered by the line of the root package.
func within(p, of string) bool { return p == of || strings.HasPrefix(p, of+"/") }

// cutModule turns an import path of this module into a directory.
func cutModule(imported string) (dir string, ours bool) {
	if imported == modulePath {
		return ".", true
	}
	return strings.CutPrefix(imported, modulePath+"/")
}

func allows(list []string, dir string) bool {
	return slices.Contains(list, dir) || slices.Contains(list, anything)
}

func isTestSupport(dir string) bool { return strings.HasSuffix(path.Base(dir), "test") }

func isGuest(s source, guests []guest) bool {
	return slices.ContainsFunc(guests, func(g guest) bool {
		return within(s.dir(), g.dir) && (s.forTests() || !g.testsOnly)
	})
}
