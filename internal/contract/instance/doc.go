// Package instance makes JSON values for the schemas of an OpenAPI 3.1 document, and keeps account of what
// they have shown: which properties were there and which were not, enum values, nulls, branches of a oneOf,
// lengths of arrays.
//
// A [Plan] belongs to one schema. Its first value holds all that the schema allows, the second as little as
// possible; in each further one, places take states that were not seen yet, until all were. The leaves are random.
// Every value has been found valid: a plan can fail to make one, which is an error, but it cannot make a wrong one.
//
// It never makes what Go's types cannot keep as it was written: an integer as 1.0 or 1e3, or beyond 64 bits; a
// date-time with a leap second or zeros at the end of its fraction; a UUID in capitals. A property that the schema
// does not name is made only where additionalProperties says that there may be some.
package instance
