// A citizen's app that is seldom on the network, in Dart (Flutter), with dart:io alone.
//
// The same four things as report.js, with the same requests. `store` keeps what survives the app (shared_preferences,
// a file); a SocketException says that there is no network, and everything may be called again.

import 'dart:convert';
import 'dart:io';
import 'dart:math';
import 'dart:typed_data';

const partSize = 256 * 1024;

abstract class Store {
  Object? get(String name);
  void set(String name, Object? value);
}

class Answer {
  Answer(this.status, this.headers, this.text);
  final int status;
  final HttpHeaders headers;
  final String text;
  bool get ok => status >= 200 && status < 300;
  Map<String, dynamic> get json => jsonDecode(text) as Map<String, dynamic>;
}

class City {
  City(this.url, this.token, this.store);
  final String url;
  final String token;
  final Store store;
  final HttpClient _http = HttpClient();

  List<dynamic> get _queue => jsonDecode(store.get('queue') as String? ?? '[]') as List<dynamic>;

  /// The key is made with the report, and goes wherever the report goes.
  String queue(Map<String, dynamic> report) {
    final key = keyOfNow();
    store.set('queue', jsonEncode([..._queue, {'key': key, 'report': report}]));
    return key;
  }

  /// Sends what waits, the oldest first; returns receipts, and problems of what was refused.
  Future<List<Map<String, dynamic>>> send() async {
    final done = <Map<String, dynamic>>[];
    while (_queue.isNotEmpty) {
      final waiting = _queue.first as Map<String, dynamic>;
      // request: send
      final answer = await call('POST', '/v1/feedback', {
        'Content-Type': 'application/json',
        'Idempotency-Key': waiting['key'] as String,
      }, utf8.encode(jsonEncode(waiting['report'])));
      if (answer.status >= 500 || answer.status == 429) throw HttpException('later: ${answer.status}');
      done.add(answer.json);
      store.set('queue', jsonEncode(_queue.sublist(1)));
    }
    return done;
  }

  /// A picture in parts; after a break it goes on where the city has stopped. Returns the path of the attachment.
  Future<String> attach(String report, Uint8List bytes, String name) async {
    final kept = 'upload $report $name';
    var at = store.get(kept) as String?;
    var offset = 0;
    if (at != null) {
      // request: resume
      final there = await call('HEAD', at /* /v1/uploads/{upload} */, {'Tus-Resumable': '1.0.0'});
      final done = there.headers.value('Content-Location'); // only its answer was lost
      if (done != null) {
        store.set(kept, null);
        return done;
      }
      if (there.ok) {
        offset = int.parse(there.headers.value('Upload-Offset')!);
      } else {
        at = null;
      }
    }
    if (at == null) {
      String word(String value) => base64.encode(utf8.encode(value));
      // request: begin
      final begun = await call('POST', '/v1/uploads', {
        'Tus-Resumable': '1.0.0',
        'Upload-Length': '${bytes.length}',
        'Upload-Metadata': 'report ${word(report)},purpose ${word('before')}',
      });
      if (!begun.ok) throw HttpException(begun.json['detail'] as String);
      at = begun.headers.value('Location')!;
      store.set(kept, at);
    }
    while (true) {
      // request: part
      final part = await call('PATCH', at /* /v1/uploads/{upload} */, {
        'Content-Type': 'application/offset+octet-stream',
        'Tus-Resumable': '1.0.0',
        'Upload-Offset': '$offset',
      }, bytes.sublist(offset, min(offset + partSize, bytes.length)));
      if (!part.ok) throw HttpException(part.json['detail'] as String);
      offset = int.parse(part.headers.value('Upload-Offset')!);
      final attached = part.headers.value('Content-Location');
      if (attached != null) {
        store.set(kept, null);
        return attached;
      }
    }
  }

  /// What has changed of the own reports since the last time: a copy of the list, by code.
  Future<Map<String, dynamic>> follow() async {
    while (true) {
      final list = jsonDecode(store.get('list') as String? ?? '{}') as Map<String, dynamic>;
      final since = list['since'] as String? ?? 'start';
      final kept = list['kept'] as Map<String, dynamic>? ?? {};
      // request: follow
      final answer = await call('GET', '/v1/feedback?mine=true&view=brief&since=$since', {
        if (list['tag'] != null) 'If-None-Match': list['tag'] as String,
      });
      if (answer.status == 304) return kept;
      if (answer.status == 410) {
        store.set('list', null);
        continue;
      }
      if (!answer.ok) throw HttpException('later: ${answer.status}');
      final page = answer.json;
      for (final report in page['brief'] as List<dynamic>) {
        kept[(report as Map<String, dynamic>)['code'] as String] = report;
      }
      (page['gone'] as List<dynamic>).forEach(kept.remove);
      final tag = page['since'] == since ? answer.headers.value('ETag') : null;
      store.set('list', jsonEncode({'since': page['since'], 'tag': tag, 'kept': kept}));
      if (page['more'] == false) return kept;
    }
  }

  Future<Answer> call(String method, String path, Map<String, String> headers, [List<int>? body]) async {
    final request = await _http.openUrl(method, Uri.parse(url + path));
    {'Authorization': 'Bearer $token', 'X-Client': 'city-app/1.0.0', ...headers}.forEach(request.headers.set);
    request.contentLength = body?.length ?? 0;
    if (body != null) request.add(body);
    final answer = await request.close();
    return Answer(answer.statusCode, answer.headers, await utf8.decodeStream(answer));
  }
}

/// A UUID of version 7: it says when it was made.
String keyOfNow() {
  final random = Random.secure();
  String hex(int value, int length) => value.toRadixString(16).padLeft(length, '0');
  final time = hex(DateTime.now().millisecondsSinceEpoch, 12);
  String some(int length) => [for (var i = 0; i < length; i++) hex(random.nextInt(16), 1)].join();
  return '${time.substring(0, 8)}-${time.substring(8)}-7${some(3)}-8${some(3)}-${some(12)}';
}
