package gateway_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/gateway"
)

// pages returns the documentation, by file.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, pattern := range []string{"../*.md", "../docs/*.md", "../docs/decisions/*.md", "../examples/subgraphs/*.md"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatal(pattern, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			found[name] = string(text)
		}
	}
	return found
}

// TestConfigInDocs loads every json block of the documentation as a configuration, unless it is a request, a response or an
// error.
func TestConfigInDocs(t *testing.T) {
	t.Parallel()
	block := regexp.MustCompile("(?ms)^[ \t]*```json[ \t]*\n(.*?)^[ \t]*```")
	other := regexp.MustCompile(`^\s*\{\s*"(query|data|errors|message)"`)
	loaded := 0
	for name, text := range pages(t) {
		for _, m := range block.FindAllStringSubmatchIndex(text, -1) {
			body := text[m[2]:m[3]]
			if other.MatchString(body) {
				continue
			}
			loaded++
			if _, err := gateway.ParseConfig([]byte(body)); err != nil {
				t.Errorf("%s:%d: %v", name, 1+strings.Count(text[:m[0]], "\n"), err)
			}
		}
	}
	if loaded < 10 {
		t.Errorf("only %d configurations were found", loaded)
	}
}

// configTable returns the rows of README.md's table of the configuration that are about one key, and its default as text: a
// cell may have several keys, later ones as the end of a path.
func configTable(t *testing.T) map[string]string {
	t.Helper()
	readme := pages(t)["../README.md"]
	_, table, found := strings.Cut(readme, "| key | default | what it is |\n")
	if !found {
		t.Fatal("README.md has no table of the configuration")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	rows := map[string]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, " | ")
		if len(cells) < 3 {
			continue
		}
		keys := strings.Split(strings.TrimPrefix(cells[0], "| "), ", ")
		defaults := strings.Split(cells[1], ", ")
		for i, key := range keys {
			key = strings.Trim(key, "`")
			if parent, _, _ := strings.Cut(strings.Trim(keys[0], "`")+"\x00", "\x00"); strings.HasPrefix(key, ".") {
				key = parent[:strings.LastIndexByte(parent, '.')] + key
			}
			value := defaults[min(i, len(defaults)-1)]
			rows[key] = strings.TrimSpace(value)
		}
	}
	return rows
}

// TestDefaultsInDocs wants the defaults in README.md to be those of the program.
func TestDefaultsInDocs(t *testing.T) {
	t.Parallel()
	compared := 0
	for key, text := range configTable(t) {
		literal := regexp.MustCompile("^`(.*)`$").FindStringSubmatch(text)
		if literal == nil || strings.Contains(key, "[]") || strings.Contains(key, "<") {
			continue // in words, or of something that is not there by default
		}
		value, ok := memberOf(reflect.ValueOf(gateway.DefaultConfig()), strings.Split(key, "."))
		if !ok {
			t.Logf("%s is part of something that is not there by default", key)
			continue
		}
		compared++
		if !isDefault(t, value, literal[1]) {
			t.Errorf("%s: README.md says %s, the default is %v", key, literal[1], value)
		}
	}
	if compared < 40 {
		t.Errorf("only %d defaults were compared", compared)
	}
}

// memberOf follows the names of a key.
func memberOf(v reflect.Value, names []string) (reflect.Value, bool) {
	if len(names) == 0 {
		return v, true
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return v, false
		}
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return v, false
	}
	for field, member := range v.Fields() {
		name := field.Tag.Get("json")
		if name == "" {
			name = strings.ToLower(field.Name[:1]) + field.Name[1:]
		}
		if name == names[0] && !field.Anonymous {
			return memberOf(member, names[1:])
		}
		if field.Anonymous {
			if found, ok := memberOf(member, names); ok {
				return found, true
			}
		}
	}
	return v, false
}

// isDefault tells whether a default is what the text says. Of several words the first may be the empty string.
func isDefault(t *testing.T, v reflect.Value, text string) bool {
	t.Helper()
	var said any
	if json.Unmarshal([]byte(text), &said) != nil || v.Kind() == reflect.Struct || v.Kind() == reflect.String && v.Len() == 0 {
		return true // words, a value that stands for a whole object, or a zero value with a name
	}
	if d, ok := reflect.TypeAssert[time.Duration](v); ok {
		wanted, err := time.ParseDuration(fmt.Sprint(said))
		return err == nil && d == wanted
	}
	encoded, err := json.Marshal(v.Interface())
	if err != nil {
		t.Fatal(err)
	}
	var is any
	return json.Unmarshal(encoded, &is) == nil && reflect.DeepEqual(is, said)
}

// TestNamesInDocs wants the codes of errors and the names of metrics in the documentation to be those of the program, and
// all of these to be there.
func TestNamesInDocs(t *testing.T) {
	t.Parallel()
	var docs strings.Builder
	for name, text := range pages(t) {
		if !strings.HasSuffix(name, "/CHANGELOG.md") {
			docs.WriteString(text)
		}
	}
	for what, names := range map[string]struct{ source, inSource, inDocs string }{
		"code":   {"../internal/gqlerr/codes.go ../signature/signature.go ../subgraph/errors.go", `Code += "([\w-]+)"`, "`([A-Z]+(?:_[A-Z]+)+|access-denied|jwt-[a-z]+-[a-z-]+)`"},
		"metric": {"metrics.go metrics_calls.go ../subgraph/metrics/metrics.go", `"((?:gatehouse|subgraph)_\w+)"`, "`((?:gatehouse|subgraph)_\\w+)[`{]"},
	} {
		known := map[string]bool{}
		for file := range strings.FieldsSeq(names.source) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(names.inSource).FindAllStringSubmatch(string(text), -1) {
				known[m[1]] = true
				if !strings.Contains(docs.String(), m[1]) {
					t.Errorf("the %s %s is not in the documentation", what, m[1])
				}
			}
		}
		if len(known) < 10 {
			t.Errorf("only %d %ss were found", len(known), what)
		}
		for _, m := range regexp.MustCompile(names.inDocs).FindAllStringSubmatch(docs.String(), -1) {
			if !known[m[1]] && !strings.HasSuffix(m[1], "_SECRET") { // variables of the environment
				t.Errorf("the documentation has the %s %s, and the program does not", what, m[1])
			}
		}
	}
}

// TestConfigKeysAreInDocs wants every key that a configuration may have to be named in the documentation.
func TestConfigKeysAreInDocs(t *testing.T) {
	t.Parallel()
	var docs strings.Builder
	for _, text := range pages(t) {
		docs.WriteString(text)
	}
	keys := map[string]string{}
	addKeys(keys, "", reflect.TypeFor[gateway.Config]())
	if len(keys) < 80 {
		t.Fatalf("only %d keys were found", len(keys))
	}
	for path, name := range keys {
		// As the end of a path in a table, or as a member in an example.
		if !regexp.MustCompile("[`.]" + regexp.QuoteMeta(name) + "(?:\\[\\])?`|\"" + regexp.QuoteMeta(name) + `"`).MatchString(docs.String()) {
			t.Errorf("%s is in no table and in no example of README.md and docs", path)
		}
	}
}

// TestCodesAreInDocs wants every code of package gqlerr in the table of codes in README.md, once, and none in it that nobody gives.
func TestCodesAreInDocs(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../internal/gqlerr/codes.go")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(readme), "| code | when |\n| --- | --- |\n")
	if table, _, _ = strings.Cut(table, "\n\n"); !found {
		t.Fatal("README.md has no table of codes")
	}
	told := map[string]int{}
	for row := range strings.Lines(table) {
		for _, code := range regexp.MustCompile("`([A-Za-z_-]+)`").FindAllStringSubmatch(strings.Split(row, "|")[1], -1) {
			told[code[1]]++
		}
	}
	given := regexp.MustCompile(`(?m)^\t\w+ Code = "([^"]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(given) < 30 {
		t.Fatalf("only %d codes were found", len(given))
	}
	for _, code := range given {
		if told[code[1]] != 1 {
			t.Errorf("%s is in the table %d times", code[1], told[code[1]])
		}
		delete(told, code[1])
	}
	for code := range told {
		t.Errorf("%s is in the table, and no error has it", code)
	}
}

// addKeys adds the keys that have values, by path: the last name of each.
func addKeys(keys map[string]string, path string, from reflect.Type) {
	switch from.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		addKeys(keys, path, from.Elem())
	case reflect.Struct:
		for field := range from.Fields() {
			name := field.Tag.Get("json")
			switch {
			case name == "-" || name == "$schema":
			case name != "":
				addKeys(keys, path+"."+name, field.Type)
			case field.Anonymous:
				addKeys(keys, path, field.Type)
			}
		}
	default:
		keys[path] = path[strings.LastIndexByte(path, '.')+1:]
	}
}
