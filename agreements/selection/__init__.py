"""How users select agreements: filters, forms, facets and the resulting selection."""
