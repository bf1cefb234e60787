//! What the OpenAPI document says of this context.

use web::openapi::operations_without_access;

#[test]
fn every_operation_says_who_may_call_it() {
    let document = web::documented(vec![identity::module()]);
    assert_eq!(operations_without_access(&document), Vec::<String>::new());
    assert_eq!(document.paths.paths.len(), 17);
}
