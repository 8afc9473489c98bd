// The socket.io server that `make bench` measures Hubbub against: rooms in memory, WebSocket only, nothing but the
// relay. `node server.mjs PORT`; a client names its room in the handshake (`?room=NAME`) and sends `msg` with an
// acknowledgement, everybody else in the room gets it.

import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });

io.on("connection", (socket) => {
	const { room } = socket.handshake.query;
	socket.join(room);
	socket.on("msg", (body, acknowledge) => {
		socket.to(room).emit("msg", body);
		acknowledge();
	});
});

http.listen(Number(process.argv[2]), "127.0.0.1", () => {
	const { address, port } = http.address();
	console.log(`listening on ${address}:${port}`);
});
