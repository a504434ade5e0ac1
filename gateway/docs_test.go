package gateway_test

import (
	"encoding/json"
	"os"
	"path/filepath"
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
