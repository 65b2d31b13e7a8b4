//! A believable Belgian sample shop and a generator of catalogs of any size.
