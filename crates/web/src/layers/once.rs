//! Lets a layer made for services of `tower` stand around a future that is made once.

use std::convert::Infallible;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::Response;
use futures_util::FutureExt;
use futures_util::future::{Either, Map, Ready, ready};
use tower::{Layer, Service};

/// A service that is called once; asked again, it has nothing to say.
pub(super) struct Once<N>(Option<N>);

/// Sends a request through a layer to what answers it.
pub(super) async fn through<L, N, B>(layer: &L, request: Request, next: N) -> Response<B>
where
    L: Layer<Once<N>>,
    L::Service: Service<Request, Response = Response<B>, Error = Infallible>,
{
    match layer.layer(Once(Some(next))).call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

type Answered<F> = Map<F, fn(Response) -> Result<Response, Infallible>>;

impl<N, F> Service<Request> for Once<N>
where
    N: FnOnce(Request) -> F,
    F: Future<Output = Response>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Answered<F>, Ready<Result<Response, Infallible>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let answered: fn(Response) -> Result<Response, Infallible> = Ok;
        match self.0.take() {
            Some(next) => Either::Left(next(request).map(answered)),
            None => Either::Right(ready(Ok(Response::default()))),
        }
    }
}
