export const words = {
  'usage.usage': 'Uso',
  'usage.help':
    'Solicitudes de toda la organización en los últimos {seconds} segundos, frente a lo que permite el plan. Una persona o una clave de API puede usar la mitad de cada límite.',
  'usage.requests': 'Solicitudes',
  'usage.read': 'Lecturas',
  'usage.write': 'Cambios',
  'usage.heavy': 'Exportaciones y trabajo pesado',
  'usage.used': 'Usado',
  'usage.reading': 'Frente al límite',
  'usage.state': 'Estado',
  'usage.of': '{used} de {limit}',
  'usage.label': '{name}: {used} de {limit}',
  'usage.within': 'Dentro del límite',
  'usage.near': 'Más del 80 % del límite',
  'usage.reached': 'Límite alcanzado, queda más libre en {seconds} s',
  'usage.none': 'Sin límites',
  'usage.noneHelp': 'El plan de esta organización no tiene ninguno.',
}
