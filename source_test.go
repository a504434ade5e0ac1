package gatehouse_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/gatehouse-graphql/gatehouse"

// goFile is a parsed file of this module.
type goFile struct {
	path        string // from the root of the module
	dir         string // its folder, "." for the root
	isTest      bool
	isGenerated bool
	imports     []goImport
	ast         *ast.File
	fset        *token.FileSet
}

// goImport is one import of a file.
type goImport struct {
	path string
	name string // the name in the file
	pos  token.Pos
}

// loadGoFiles parses every Go file of the module once, whatever its build constraints.
var loadGoFiles = sync.OnceValues(func() ([]*goFile, error) {
	var files []*goFile
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != "." && notOurs(name, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		f, err := parseGoFile(fset, filepath.ToSlash(name))
		files = append(files, f)
		return err
	})
	return files, err
})

// goFiles returns the Go files of the module.
func goFiles(t *testing.T) []*goFile {
	t.Helper()
	files, err := loadGoFiles()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// notOurs tells whether a folder is not part of the module: data, other people's code, a module of its own.
func notOurs(name, base string) bool {
	if base == "testdata" || base == "node_modules" || base[0] == '.' || base[0] == '_' {
		return true
	}
	_, err := os.Stat(filepath.Join(name, "go.mod"))
	return err == nil
}

func parseGoFile(fset *token.FileSet, name string) (*goFile, error) {
	file, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	f := &goFile{
		path: name, dir: path.Dir(name), isTest: strings.HasSuffix(name, "_test.go"),
		isGenerated: ast.IsGenerated(file), ast: file, fset: fset,
	}
	for _, spec := range file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		imp := goImport{path: p, name: path.Base(p), pos: spec.Pos()}
		if spec.Name != nil {
			imp.name = spec.Name.Name
		}
		f.imports = append(f.imports, imp)
	}
	return f, nil
}

// importsAny tells whether the file imports something that the patterns match, see importRules.
func (f *goFile) importsAny(patterns string) bool {
	for _, imp := range f.imports {
		if matches(patterns, rulePath(imp.path)) {
			return true
		}
	}
	return false
}

// rulePath is how the rules write an import path.
func rulePath(importPath string) string {
	if dir, ours := ourFolder(importPath); ours {
		return "./" + dir
	}
	return importPath
}

// ourFolder returns the folder of an import path in this module.
func ourFolder(importPath string) (dir string, ours bool) {
	if importPath == module {
		return ".", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// at returns a position as "file:line".
func (f *goFile) at(pos token.Pos) string {
	return f.path + ":" + strconv.Itoa(f.fset.Position(pos).Line)
}

// lines returns how long the file is.
func (f *goFile) lines() int { return f.fset.File(f.ast.Pos()).LineCount() }

// span returns how many lines n takes.
func (f *goFile) span(n ast.Node) int {
	return f.fset.Position(n.End()).Line - f.fset.Position(n.Pos()).Line + 1
}

// name returns a function's name with its folder, and with its receiver if it is a method.
func (f *goFile) name(fn *ast.FuncDecl) string {
	if recv := receiver(fn); recv != "" {
		return f.dir + "." + recv + "." + fn.Name.Name
	}
	return f.dir + "." + fn.Name.Name
}

// structs returns the struct types that are declared at the top of the file, by folder and name.
func (f *goFile) structs() map[string]*ast.StructType {
	found := map[string]*ast.StructType{}
	for _, d := range f.ast.Decls {
		gen, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range gen.Specs {
			if ts, ok := spec.(*ast.TypeSpec); ok {
				if s, ok := ts.Type.(*ast.StructType); ok {
					found[f.dir+"."+ts.Name.Name] = s
				}
			}
		}
	}
	return found
}

// uses returns where the file names pkg.name; a pkg that starts with "./" is one of ours.
func (f *goFile) uses(pkg, name string) []token.Pos {
	if dir, ours := strings.CutPrefix(pkg, "./"); ours {
		pkg = module + "/" + dir
	}
	var at []token.Pos
	for _, imp := range f.imports {
		if imp.path != pkg {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == name {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == imp.name {
					at = append(at, sel.Pos())
				}
			}
			return true
		})
	}
	return at
}

// receiver returns the name of a method's type, "" for a function.
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return ""
	}
	e := fn.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// isExported tells whether a function, and its receiver if it has one, is exported.
func isExported(fn *ast.FuncDecl) bool {
	recv := receiver(fn)
	return fn.Name.IsExported() && (recv == "" || ast.IsExported(recv))
}
