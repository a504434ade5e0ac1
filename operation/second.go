package operation

import (
	"errors"
	"fmt"

	"github.com/wundergraph/graphql-go-tools/v2/pkg/ast"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/astnormalization"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/astparser"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/asttransform"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/astvalidation"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/operationreport"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// secondReader is another implementation of parser and validator, graphql-go-tools. What our own rules accept must pass it
// too: a rule that we missed is then refused rather than executed. Its documents stop here; nothing is converted from them.
type secondReader struct {
	definition *ast.Document
}

// newSecondReader reads the schema that clients see.
func newSecondReader(api string) (*secondReader, error) {
	doc, report := astparser.ParseGraphqlDocumentString(api)
	if report.HasErrors() {
		return nil, fmt.Errorf("reading the API schema: %w", report)
	}
	if err := asttransform.MergeDefinitionWithBaseSchemaWithInternal(&doc, false); err != nil {
		return nil, fmt.Errorf("completing the API schema: %w", err)
	}
	addIsOneOf(&doc)
	return &secondReader{definition: &doc}, nil
}

// addIsOneOf adds __Type.isOneOf, which the library's introspection types lack.
func addIsOneOf(doc *ast.Document) {
	node, ok := doc.Index.FirstNodeByNameStr("__Type")
	if !ok || node.Kind != ast.NodeKindObjectTypeDefinition {
		return
	}
	def := &doc.ObjectTypeDefinitions[node.Ref]
	for _, ref := range def.FieldsDefinition.Refs {
		if doc.FieldDefinitionNameString(ref) == "isOneOf" {
			return
		}
	}
	typ := doc.AddNamedType([]byte("Boolean"))
	field := doc.ImportFieldDefinition("isOneOf", "", typ, nil, nil)
	def.FieldsDefinition.Refs = append(def.FieldsDefinition.Refs, field)
}

// read returns what the library finds wrong with the chosen operation and its fragments. The rest of the document is
// blanked, so that places stay the same. The work is bounded first: the library expands each fragment by itself.
func (r *secondReader) read(doc *document, chosen *definition, limits Limits) (errs gqlerr.List) {
	parts := reachable(chosen)
	total := 0
	for _, d := range parts {
		total = min(maxSize, total+d.size.fields)
	}
	if most := workFactor * limits.Fields; total > most {
		return gqlerr.List{gqlerr.New(gqlerr.QueryFieldLimitExceeded,
			"The fragments of the operation select %d fields together, more than %d.", total, most).
			At(int(chosen.line), int(chosen.column))}
	}
	defer func() {
		if v := recover(); v != nil {
			errs = gqlerr.List{gqlerr.New(gqlerr.ValidationFailed, "The operation cannot be validated.").
				Wrap(fmt.Errorf("the library panicked: %v", v))} //nolint:err113 // there is no sentinel for a foreign panic
		}
	}()
	var report operationreport.Report
	parsed, parseReport := astparser.ParseGraphqlDocumentBytes(blanked(doc, parts))
	if parseReport.HasErrors() {
		return reported(parseReport, gqlerr.ParseFailed)
	}
	astnormalization.NewWithOpts(
		astnormalization.WithInlineFragmentSpreads(),
		astnormalization.WithIgnoreSkipInclude(),
	).NormalizeOperation(&parsed, r.definition, &report)
	if report.HasErrors() {
		return reported(report, gqlerr.ValidationFailed)
	}
	astvalidation.DefaultOperationValidator().Validate(&parsed, r.definition, &report)
	return reported(report, gqlerr.ValidationFailed)
}

// blanked is the document with nothing but the given definitions.
func blanked(doc *document, keep []*definition) []byte {
	text := []byte(doc.src)
	kept := make(map[*definition]bool, len(keep))
	for _, d := range keep {
		kept[d] = true
	}
	blank := func(start, end int) {
		for i := start; i < end; i++ {
			if text[i] != '\n' {
				text[i] = ' '
			}
		}
	}
	for _, list := range [][]*definition{doc.operations, doc.fragments} {
		for _, d := range list {
			if !kept[d] {
				blank(d.start, d.end)
			}
		}
	}
	for _, c := range doc.comments {
		blank(c[0], c[1])
	}
	for i := 0; i+2 < len(text); i++ {
		// The library does not know that a byte order mark is white space.
		if text[i] != '\xEF' || text[i+1] != '\xBB' || text[i+2] != '\xBF' {
			continue
		}
		if !inDefinition(doc, i) {
			blank(i, i+3)
		}
	}
	return text
}

// inDefinition tells whether the byte at offset i is part of a definition.
func inDefinition(doc *document, i int) bool {
	for _, list := range [][]*definition{doc.operations, doc.fragments} {
		for _, d := range list {
			if i >= d.start && i < d.end {
				return true
			}
		}
	}
	return false
}

// reported turns the library's report into our errors.
func reported(report operationreport.Report, code gqlerr.Code) gqlerr.List {
	var errs gqlerr.List
	for _, e := range report.ExternalErrors {
		err := gqlerr.New(code, "%s", e.Message)
		for _, l := range e.Locations {
			err = err.At(int(l.Line), int(l.Column))
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 && report.HasErrors() {
		errs = append(errs, gqlerr.New(code, "The operation is not valid.").Wrap(errors.Join(report.InternalErrors...)))
	}
	return errs
}
