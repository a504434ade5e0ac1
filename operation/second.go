package operation

import (
	"errors"
	"fmt"
	"strings"

	"github.com/wundergraph/graphql-go-tools/v2/pkg/ast"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/astparser"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/asttransform"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/astvalidation"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// secondReader is another implementation of parser and validator, graphql-go-tools. What our own rules accept must pass it
// too: a rule that we missed is then refused rather than executed. Its documents stop here; nothing is converted from them.
type secondReader struct {
	definition *ast.Document
}

// errSecondReader is in every error that only the second reader found: a gap of ours, or a mistake of its own.
var errSecondReader = errors.New("only the second reader refuses this operation")

// smallestInt is the end of a message that is wrong: the library takes the smallest Int for one that is too small.
const smallestInt = " non 32-bit signed integer value: -2147483648"

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
	relaxInputDefaults(&doc)
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

// relaxInputDefaults makes input fields with a default nullable. The library refuses a nullable variable there, which
// section 5.8.5 of the specification allows; that a literal is not null, our own rules have seen.
func relaxInputDefaults(doc *ast.Document) {
	for i := range doc.InputObjectTypeDefinitions {
		for _, ref := range doc.InputObjectTypeDefinitions[i].InputFieldsDefinition.Refs {
			in := &doc.InputValueDefinitions[ref]
			if in.DefaultValue.IsDefined && doc.Types[in.Type].TypeKind == ast.TypeKindNonNull {
				in.Type = doc.Types[in.Type].OfType
			}
		}
	}
}

// read returns what the library finds wrong with an operation, which it gets as our own text of it: what it accepts is then
// what is executed. Given the client's text, it would have to spread fragments first, and refuses valid ones there.
func (r *secondReader) read(op *Operation) (errs gqlerr.List) {
	defer func() {
		if v := recover(); v != nil {
			errs = refused("the library panicked: %v", v)
		}
	}()
	parsed, report := astparser.ParseGraphqlDocumentString(op.secondText())
	if !report.HasErrors() {
		// A validator is not safe for concurrent use, and cheap to make.
		astvalidation.NewOperationValidator(secondRules()).Validate(&parsed, r.definition, &report)
	}
	if len(report.ExternalErrors) == 0 && report.HasErrors() {
		return refused("%w", errors.Join(report.InternalErrors...))
	}
	for _, e := range report.ExternalErrors {
		if strings.HasSuffix(e.Message, smallestInt) {
			continue
		}
		errs = append(errs, gqlerr.New(gqlerr.ValidationFailed, "%s", e.Message).At(op.line, op.column).Wrap(errSecondReader))
	}
	return errs
}

// refused is what clients are told when the library cannot say what is wrong.
func refused(format string, args ...any) gqlerr.List {
	return gqlerr.List{gqlerr.New(gqlerr.ValidationFailed, "The operation cannot be validated.").
		Wrap(errors.Join(errSecondReader, fmt.Errorf(format, args...)))}
}

// secondRules are the library's default rules but for three. AllVariablesUsed: a variable that only stands where nothing is
// ever executed is not in our text. FieldSelectionMerging: it refuses fields of two object types that GraphQL merges
// (section 5.3.2, FieldsInSetCanMerge: different parents), and our own rule covers all of that section. Fragments: for each
// fragment it compares all implementations of two interfaces with each other, and what never applies is not in our text.
func secondRules() []astvalidation.Rule {
	return []astvalidation.Rule{
		astvalidation.AllVariableUsesDefined(),
		astvalidation.DocumentContainsExecutableOperation(),
		astvalidation.OperationNameUniqueness(),
		astvalidation.LoneAnonymousOperation(),
		astvalidation.SubscriptionSingleRootField(),
		astvalidation.FieldSelections(),
		astvalidation.KnownArguments(),
		astvalidation.Values(),
		astvalidation.ArgumentUniqueness(),
		astvalidation.RequiredArguments(),
		astvalidation.DirectivesAreDefined(),
		astvalidation.DirectivesAreInValidLocations(),
		astvalidation.VariableUniqueness(),
		astvalidation.DirectivesAreUniquePerLocation(),
		astvalidation.VariablesAreInputTypes(),
	}
}
