//! Requests that wait for news, out of HTTP. Hyper keeps two buffers of 8 KiB for a connection, and the layers keep a
//! future each for a request, however long nothing happens: several times what is needed for waiting.

use std::{
    future::pending,
    io,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Version, header},
    response::{IntoResponse, Response},
};
use bytes::{Buf as _, Bytes};
use futures_util::FutureExt as _;
use hyper::body::Incoming;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::Patient;
use crate::router;

type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;

/// A request whose answer is waited for. As a response it takes the headers that the layers set, and leaves them behind.
/// All of the request must have been read.
#[derive(Clone)]
pub(crate) struct Held(Arc<Mutex<Option<Answer>>>);

impl Held {
    pub(crate) fn new<A>(answer: impl Future<Output = A> + Send + 'static) -> Self
    where
        A: IntoResponse + 'static,
    {
        Self(Arc::new(Mutex::new(Some(answer.map(IntoResponse::into_response).boxed()))))
    }
}

impl IntoResponse for Held {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(self);
        response
    }
}

/// What of a request says how its answer is to be written.
pub(super) struct Manner {
    method: Method,
    version: Version,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Manner {
    pub(super) fn of(request: &Request<Incoming>) -> Self {
        let mut headers = Vec::new();
        for name in [header::CONNECTION, header::ACCEPT_ENCODING] {
            headers
                .extend(request.headers().get_all(&name).iter().map(|value| (name.clone(), value.clone())));
        }
        Self { method: request.method().clone(), version: request.version(), headers }
    }

    /// A request that is answered in the same manner: hyper writes answers only to what it has read.
    fn head(&self) -> Vec<u8> {
        let mut head = format!("{} / {:?}\r\n", self.method, self.version).into_bytes();
        for (name, value) in &self.headers {
            head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        head.extend(b"\r\n");
        head
    }
}

/// A held request, apart from its connection.
pub(crate) struct Waiting {
    answer: Answer,
    /// Those of the layers.
    headers: HeaderMap,
    head: Box<[u8]>,
}

/// What a connection goes on with.
#[derive(Default)]
pub(super) struct Resumed {
    /// The answer to the first request that it reads.
    pub(super) answer: Option<Response>,
    /// What it reads first.
    pub(super) read: Bytes,
}

impl Waiting {
    /// The request that this response only holds.
    pub(super) fn of(response: &mut Response, manner: &Manner) -> Option<Self> {
        let Held(answer) = response.extensions_mut().remove()?;
        let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let mut headers = std::mem::take(response.headers_mut());
        // That of no answer yet.
        headers.remove(header::CONTENT_LENGTH);
        Some(Self { answer, headers, head: manner.head().into() })
    }

    /// Waits; `read`: what came after the request already. `None`: the peer is gone.
    pub(super) async fn answered(self, stream: &Patient<TcpStream>, read: Bytes) -> Option<Resumed> {
        let Self { answer, headers, head } = self;
        // Even an empty rest of hyper's buffer keeps all of it.
        let (silent, next) = (read.is_empty(), Bytes::from([&head, &read[..]].concat()));
        drop((head, read));
        let mut answer = tokio::select! {
            biased;
            answer = AssertUnwindSafe(answer).catch_unwind() => answer.unwrap_or_else(router::panicked),
            () = gone(stream.get_ref()), if silent => return None,
        };
        answer.headers_mut().extend(headers);
        Some(Resumed { answer: Some(answer), read: next })
    }
}

/// Ends when the peer does. One who says something more is there.
async fn gone(stream: &TcpStream) {
    if let Ok(1..) = stream.peek(&mut [0]).await {
        pending::<()>().await;
    }
}

/// Gives an answer as the router would have.
pub(super) async fn give(answer: Response, request: Request) -> Response {
    let mut answer = Some(answer);
    let answering = service_fn(move |_: Request| {
        std::future::ready(Ok::<_, std::convert::Infallible>(answer.take().unwrap_or_default()))
    });
    let Ok(answer) = router::compression().layer(answering).oneshot(request).await;
    answer.map(Body::new)
}

/// A stream that begins with what was read from it before, and of which it is known whether all that HTTP had to write
/// is out.
pub(super) struct Rewound<S> {
    read: Bytes,
    stream: S,
    /// Hyper flushes when nothing is left that it could write.
    flushed: Arc<AtomicBool>,
}

impl<S> Rewound<S> {
    pub(super) fn new(stream: S, read: Bytes, flushed: Arc<AtomicBool>) -> Self {
        Self { read, stream, flushed }
    }

    /// The stream, and what of the beginning was not read.
    pub(super) fn into_parts(self) -> (S, Bytes) {
        (self.stream, self.read)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Rewound<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.read.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let length = self.read.len().min(buffer.remaining());
        buffer.put_slice(&self.read[..length]);
        self.read.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Rewound<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.flushed.store(false, Ordering::Relaxed);
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.flushed.store(false, Ordering::Relaxed);
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.flushed.store(matches!(flushed, Poll::Ready(Ok(()))), Ordering::Relaxed);
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    fn rewound(
        read: &'static [u8],
    ) -> (Rewound<tokio::io::DuplexStream>, tokio::io::DuplexStream, Arc<AtomicBool>) {
        let (ours, theirs) = duplex(8);
        let flushed = Arc::new(AtomicBool::new(true));
        (Rewound::new(ours, Bytes::from_static(read), flushed.clone()), theirs, flushed)
    }

    #[tokio::test]
    async fn what_was_read_before_is_read_first() {
        let (mut ours, mut theirs, _) = rewound(b"before ");
        theirs.write_all(b"after").await.unwrap();
        drop(theirs);
        let mut byte = [0];
        assert_eq!(ours.read(&mut byte).await.unwrap(), 1);
        let mut text = String::new();
        ours.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "efore after");
    }

    /// Else a connection would leave HTTP, and with it what hyper has not written yet.
    #[tokio::test]
    async fn it_is_known_whether_all_is_out() {
        let (mut ours, mut theirs, flushed) = rewound(b"");
        assert!(ours.write_all(b"123456789").now_or_never().is_none(), "there is room for eight");
        assert!(!flushed.load(Ordering::Relaxed));
        theirs.read_exact(&mut [0; 8]).await.unwrap();
        ours.write_all(b"9").await.unwrap();
        assert!(!flushed.load(Ordering::Relaxed));
        ours.flush().await.unwrap();
        assert!(flushed.load(Ordering::Relaxed));
    }
}
