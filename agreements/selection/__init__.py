"""How people ask for agreements: filters, forms, facets and the selection they make."""
