package gateway_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/gateway"
)

// TestConfigInDocs loads every json block of the documentation that is a configuration: an object without the members of an
// answer or an error.
func TestConfigInDocs(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?ms)^```json\n(.*?)^```")
	loaded := 0
	for _, name := range append(names, "../README.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range block.FindAllSubmatchIndex(text, -1) {
			body := text[m[2]:m[3]]
			var members map[string]json.RawMessage
			if json.Unmarshal(body, &members) != nil || members["data"] != nil || members["errors"] != nil || members["message"] != nil {
				continue
			}
			if strings.HasSuffix(name, "signing.md") {
				continue // it shows what is sent
			}
			loaded++
			if _, err := gateway.ParseConfig(body); err != nil {
				t.Errorf("%s:%d: %v", name, 1+strings.Count(string(text[:m[0]]), "\n"), err)
			}
		}
	}
	if loaded < 5 {
		t.Errorf("only %d configurations were found", loaded)
	}
}

// TestConfigKeysAreInDocs wants every key that a configuration may have to be named in the documentation.
func TestConfigKeysAreInDocs(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	var docs strings.Builder
	for _, name := range append(names, "../README.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		docs.Write(text)
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
